"""A setting whose bucket's name is made from another bucket's is not that other bucket's, though it depends on it."""

import pytest

from modelberth_policies.limits import Limits
from modelberth_policies.resources import UNKNOWN, Plan, Resource, urn_of
from modelberth_policies.rules.aws.s3_settings import settings_of
from modelberth_policies.subject import Stack

BUCKET, POLICY = "aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy"
MODELS = urn_of("acme", "prod", "", BUCKET, "models")


@pytest.mark.parametrize(("named", "found"), [("acme-models", 1), ("acme-models-logs", 0), (UNKNOWN, 1)])
def test_a_policy_belongs_to_the_bucket_that_it_names(named, found):
    policy = Resource(
        urn_of("acme", "prod", "", POLICY, "policy"),
        POLICY,
        "policy",
        inputs={"bucket": named},
        property_dependencies={"bucket": (MODELS,)},
    )
    models = Resource(MODELS, BUCKET, "models", inputs={"bucket": "acme-models"})
    stack = Stack(Plan("acme", "prod", (models, policy)), Limits())
    (bucket,) = stack.of_type(BUCKET)
    assert len(settings_of(bucket, stack, POLICY)) == found
