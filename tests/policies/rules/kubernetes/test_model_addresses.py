"""Which addresses of models name a version."""

import pytest

from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, Partial, Resource
from modelberth_policies.rules.kubernetes.model_addresses import address_faults, is_versioned
from modelberth_policies.subject import Subject, Undeterminable

DIGEST = "sha256:5f0c3b8a4d1e6f7290a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607"


@pytest.mark.parametrize(
    ("address", "versioned"),
    [
        ("s3://models/iris/v3/model.joblib", True),
        ("s3://models/iris/3", True),
        ("s3://models/iris/2026-11-20/", True),
        ("s3://models/iris/1.4.0-rc1", True),
        ("s3://models/iris-v3.tar.gz", True),
        ("s3://models/iris-1.4.0.onnx", True),
        ("s3://models/version=7/iris", True),
        ("s3://models/iris.pt?versionId=3HL4kqtJlcpXroDTDmJ", True),
        ("gs://models/iris.pt#1699999999", True),
        ("s3://mlflow/0/8f14e45fceea167a5a36dedd4bea2543/artifacts", True),
        ("s3://models/8f14e45f-ceea-467a-9a36-dedd4bea2543/iris", True),
        ("pvc://claim/iris/v3", True),
        ("models:/iris/3", True),
        ("azureml:iris:3", True),
        (f"oci://ghcr.io/acme/iris@{DIGEST}", True),
        ("hf://acme/iris:9c1b6c1", True),
        ("hf://acme/iris:v1.2", True),
        ("s3://models-v3/iris", False),
        ("s3://models/iris/latest", False),
        ("s3://models/llama/7b", False),
        ("s3://models/llama-3", False),
        ("s3://models", False),
        ("models:/iris@champion", False),
        ("oci://ghcr.io/acme/iris:v3", False),
        ("hf://meta-llama/llama-3.1-8b", False),
        ("hf://acme/iris:main", False),
        ("hf://acme/iris:HEAD", False),
    ],
)
def test_is_versioned(address, versioned):
    assert is_versioned(address) is versioned


def faults(address):
    resource = Resource("urn:pulumi:prod::acme::t::iris", "t", "iris", inputs={"uri": address})
    return list(address_faults(Subject(resource, Limits()), "uri"))


def test_a_bucket_that_is_still_unknown_does_not_matter():
    assert faults(Partial(f"s3://{GAP}/iris/v3")) == []
    assert len(faults(Partial(f"s3://{GAP}/iris/latest"))) == 1


@pytest.mark.parametrize("address", [f"s3://models/iris/{GAP}", f"s3://{GAP}", f"{GAP}://models/iris", f"oci://{GAP}"])
def test_a_version_that_is_still_unknown_is_not_judged(address):
    with pytest.raises(Undeterminable):
        faults(Partial(address))
