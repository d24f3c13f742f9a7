"""Images by digest: what pins one, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from modelberth.aws.images import PINNED, ImageUri, region_of

REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64
image = TypeAdapter(ImageUri)


@given(
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.sampled_from(["eu-central-1", "us-gov-west-1"]),
    st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}(-[a-z0-9]{1,8})?){0,2}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)
def test_an_image_by_digest_is_taken_as_it_is(account, region, repository, digest):
    uri = f"{account}.dkr.ecr.{region}.amazonaws.com/{repository}@sha256:{digest}"
    assert image.validate_python(uri) == uri
    assert region_of(uri) == region


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True), st.sampled_from(["", "@" + DIGEST]))
def test_no_tag_pins_an_image_also_beside_a_digest(tag, digest):
    with pytest.raises(ValidationError, match="has a tag, and a tag can be moved to another image"):
        image.validate_python(f"{REGISTRY}/triton:{tag}{digest}")


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (f"{REGISTRY}/triton:24.01", "has a tag, and a tag can be moved to another image"),
        (f"{REGISTRY}/triton", "has no digest, so that it could change under the model"),
        (f"{REGISTRY}/triton@sha256:abc", "has no digest, so that it could change under the model"),
        (f"{REGISTRY}/triton@{DIGEST.upper()}", "has no digest, so that it could change under the model"),
        (f"{REGISTRY}/@{DIGEST}", "has no repository"),
        (f"{REGISTRY}@{DIGEST}", "has no repository"),
        (f"seldonio/mlserver@{DIGEST}", "not in an ECR registry, and SageMaker pulls from no other"),
        (f"12345.dkr.ecr.eu-central-1.amazonaws.com/triton@{DIGEST}",
         "not in an ECR registry, and SageMaker pulls from no other"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_reason(uri, why):
    with pytest.raises(ValidationError) as error:
        image.validate_python(uri)
    assert error.value.errors()[0]["msg"] == f"Value error, {why}; {PINNED}"
