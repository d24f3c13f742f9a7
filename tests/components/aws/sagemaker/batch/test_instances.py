"""The instance types of batch transform are those that SageMaker's API knows."""

import boto3
import pytest

from modelberth.aws.sagemaker.batch.instances import transform_types


def test_they_are_the_services_own_but_for_p2():
    model = boto3.session.Session(region_name="eu-central-1").client("sagemaker").meta.service_model
    known = set(model.shape_for("TransformInstanceType").enum)
    assert set(transform_types()) == {name for name in known if not name.startswith("ml.p2.")}


@pytest.mark.parametrize("name", ["ml.m6i.large", "ml.g5.xlarge", "ml.c5.xlarge", "ml.trn1.32xlarge"])
def test_some_by_name(name):
    assert name in transform_types()
