"""Texts of which only a part is known, which no sample can write, and facts that come from elsewhere."""

import gzip
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, UNKNOWN, Partial, Plan, Resource, urn_of
from modelberth_policies.rules.aws.sagemaker import RULES
from modelberth_policies.rules.aws.sagemaker.instance_families import LOCAL_STORAGE, family_of, is_accelerated

DIGEST = "5f0c3b8a4d1e6f7290a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607"


def made(type_, name, inputs, **dependencies):
    urn = urn_of("acme", "prod", "", type_, name)
    return Resource(urn, type_, name, inputs=inputs, property_dependencies=dependencies)


def findings(rule, *resources, limits=None):
    asked = [each for each in RULES if each.id == rule]
    return [found.kind for found in evaluate(Plan("acme", "prod", resources), asked, limits or Limits())]


def model(**container):
    return made("aws:sagemaker/model:Model", "ranker", {"primaryContainer": container})


def test_a_digest_pins_an_image_whose_repository_is_still_to_be_made():
    assert findings("sagemaker-image-digest", model(image=Partial(f"{GAP}@sha256:{DIGEST}"))) == []
    assert findings("sagemaker-image-digest", model(image=Partial(f"{GAP}:1.4.0"))) == ["violation"]


def test_a_registry_that_is_not_known_is_not_allowed_by_accident():
    limits = Limits.model_validate({"images": {"registries": ["111122223333.dkr.ecr.*"]}})
    image = model(image=Partial(f"{GAP}/serving@sha256:{DIGEST}"))
    assert findings("sagemaker-image-registry-allow-list", image, limits=limits) == ["undeterminable"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"s3://{GAP}/ranker/1.4.0/model.tar.gz", []),
        (f"s3://models/ranker/{GAP}/model.tar.gz", ["undeterminable"]),
        (f"s3://{GAP}/ranker/latest/model.tar.gz", ["undeterminable"]),
    ],
)
def test_a_version_in_an_address_that_is_known_in_parts(address, said):
    assert findings("sagemaker-model-artifact-pinned", model(modelDataUrl=Partial(address))) == said


def scaled(resource_id):
    config = made(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "config",
        {"productionVariants": [{"variantName": "main", "modelName": "ranker", "instanceType": "ml.m6i.large"}]},
    )
    endpoint = made(
        "aws:sagemaker/endpoint:Endpoint",
        "endpoint",
        {"endpointConfigName": UNKNOWN},
        endpointConfigName=(config.urn,),
    )
    inputs = {"serviceNamespace": "sagemaker", "resourceId": resource_id}
    target = made("aws:appautoscaling/target:Target", "target", inputs, resourceId=(endpoint.urn,))
    policy = made("aws:appautoscaling/policy:Policy", "policy", {"resourceId": UNKNOWN}, resourceId=(target.urn,))
    return findings("sagemaker-autoscaling-present", config, endpoint, target, policy)


def test_a_target_scales_the_variant_that_it_names_of_an_endpoint_still_to_be_named():
    assert scaled(Partial(f"endpoint/{GAP}/variant/main")) == []
    assert scaled(Partial(f"endpoint/{GAP}/variant/other")) == ["violation"]


def test_captured_data_under_a_known_prefix_of_a_bucket_still_to_be_named():
    bucket = made("aws:s3/bucket:Bucket", "bucket", {})
    capture = {"enableCapture": True, "destinationS3Uri": Partial(f"s3://{GAP}/captured")}
    type_ = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    config = made(type_, "config", {"dataCaptureConfig": capture}, dataCaptureConfig=(bucket.urn,))

    def with_rule(prefix):
        rules = [{"status": "Enabled", "filter": {"prefix": prefix}, "expiration": {"days": 30}}]
        type_ = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
        expiry = made(type_, "expiry", {"bucket": UNKNOWN, "rules": rules}, bucket=(bucket.urn,))
        return findings("sagemaker-data-capture-retention", config, bucket, expiry)

    assert with_rule("captured") == []
    assert with_rule("other") == ["violation"]


def ec2_types():
    moto = find_spec("moto")
    assert moto is not None and moto.origin is not None
    file = Path(moto.origin).parent / "ec2" / "resources" / "instance_types.json.gz"
    return json.loads(gzip.decompress(file.read_bytes()))


def test_instance_families_are_those_of_ec2():
    storage, accelerated = {}, {}
    for name, about in ec2_types().items():
        hosted = f"ml.{name}"
        storage.setdefault(family_of(hosted), set()).add(bool(about.get("InstanceStorageSupported")))
        has = bool(about.get("GpuInfo") or about.get("NeuronInfo") or about.get("InferenceAcceleratorInfo"))
        accelerated.setdefault(hosted, has)
    known = LOCAL_STORAGE & set(storage)
    assert {family for family in known if storage[family] != {True}} == set()
    assert LOCAL_STORAGE - known == {"dl1", "p6e-gb200"}  # EC2's answer, as it was copied, does not list them
    listed = [name for name, has in accelerated.items() if has and family_of(name)[0] in "gpit"]
    assert listed and [name for name in listed if not is_accelerated(name)] == []
    plain = [name for name, has in accelerated.items() if not has and family_of(name)[0] in "mcrt"]
    # Of trn2u, the copy says nothing.
    assert plain and [name for name in plain if is_accelerated(name)] in ([], ["ml.trn2u.48xlarge"])


def test_every_family_with_storage_that_sagemaker_hosts_on_is_listed():
    botocore = find_spec("botocore")
    assert botocore is not None
    import botocore.session

    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("ProductionVariantInstanceType")
    about = ec2_types()
    with_storage = {
        family_of(name)
        for name in shape.enum
        if about.get(name.removeprefix("ml."), {}).get("InstanceStorageSupported")
    }
    assert with_storage and with_storage <= LOCAL_STORAGE
