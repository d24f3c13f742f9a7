"""What CloudFormation is told, against the schemas of its types that cfn-lint carries."""

import pytest
import regex
from clouds.aws.cloudcontrol import schema
from component_endpoints import AWAKE, LEAST, MODEL, MOST, SLEEPING, arguments
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from modelberth.aws.sagemaker.components import specification
from modelberth.aws.sagemaker.components.model import SharedModel
from modelberth.aws.sagemaker.rollout import Rolling

ROLE = "arn:aws:iam::123456789012:role/prod-ranker-role"
NAME, ENDPOINT, RUNS = "prod-ranker--stable", "prod-ranker", "prod-ranker-stable--4kz2ab1c"
TAGS = {"owner": "search", "version": "1.4.0"}


def _pattern(validator, pattern, text, _schema):
    """The patterns of CloudFormation's tags are no Python's: `\\p{L}`."""
    if validator.is_type(text, "string") and regex.search(pattern, text) is None:
        yield ValidationError(f"{text!r} does not match {pattern!r}")


Validator = extend(Draft7Validator, {"pattern": _pattern})


def valid(type_name, words):
    """The words, if the schema of their type takes them, without what only the service may write."""
    found = schema(type_name)
    assert found is not None
    Validator(found).validate(words)
    written = {pointer.removeprefix("/properties/") for pointer in found["readOnlyProperties"]}
    assert not written & words.keys()
    return words


def component(fields, tags=TAGS):
    words = specification.component(NAME, ENDPOINT, RUNS, SharedModel.parse(fields), tags)
    return valid(specification.COMPONENT_TYPE, words)


def configuration(fields):
    words = specification.configuration(arguments(fields), ROLE)
    return valid(specification.CONFIG_TYPE, specification.named(words, "prod-ranker--4kz2ab1c", TAGS))


def test_a_component_says_what_runs_and_what_each_copy_reserves():
    assert component(SLEEPING) == {
        "InferenceComponentName": NAME,
        "EndpointName": ENDPOINT,
        "VariantName": "shared",
        "Specification": {"ModelName": RUNS, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
        "RuntimeConfig": {"CopyCount": 1},
        "Tags": [{"Key": "owner", "Value": "search"}, {"Key": "version", "Value": "1.4.0"}],
    }
    assert "Tags" not in component(MODEL, {})


def test_a_component_with_every_field():
    found = component(MOST["components"]["ranker"])
    assert found["RuntimeConfig"] == {"CopyCount": 2}
    assert found["Specification"] == {
        "ModelName": RUNS,
        "ComputeResourceRequirements": {
            "MinMemoryRequiredInMb": 1024,
            "MaxMemoryRequiredInMb": 2048,
            "NumberOfCpuCoresRequired": 1.5,
            "NumberOfAcceleratorDevicesRequired": 1,
        },
        "StartupParameters": {
            "ContainerStartupHealthCheckTimeoutInSeconds": 600,
            "ModelDataDownloadTimeoutInSeconds": 900,
        },
    }


@given(
    memory=st.integers(128, 1 << 20),
    above=st.none() | st.integers(0, 1 << 20),
    cores=st.none() | st.floats(0.25, 192),
    devices=st.none() | st.integers(1, 16),
    copies=st.none() | st.integers(1, 100),
)
def test_whatever_a_model_reserves_cloudformation_takes_it(memory, above, cores, devices, copies):
    given_ = {
        "min_memory_mib": memory,
        "max_memory_mib": None if above is None else memory + above,
        "cpu_cores": cores,
        "accelerators": devices,
    }
    found = component({**MODEL, "requirements": given_, "copies": copies})
    reserved = found["Specification"]["ComputeResourceRequirements"]
    assert list(reserved.values()) == [value for value in given_.values() if value is not None]


def test_a_fleet_has_no_model_and_goes_down_to_none():
    found = configuration(LEAST)
    [fleet] = found["ProductionVariants"]
    assert fleet == {
        "VariantName": "shared",
        "InstanceType": "ml.m7i.large",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    }


def test_a_fleet_is_isolated_encrypted_and_in_the_network():
    found = configuration(LEAST)
    assert found["EnableNetworkIsolation"] is True
    assert found["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-a", "subnet-b"]}
    assert found["KmsKeyId"] == "arn:aws:kms:eu-central-1:123456789012:key/1"
    assert found["ExecutionRoleArn"] == ROLE


def test_containers_reach_the_network_only_for_a_reason():
    assert configuration(MOST)["EnableNetworkIsolation"] is False


def test_local_storage_takes_no_key():
    assert "KmsKeyId" not in configuration(MOST)
    assert "KmsKeyId" in configuration({**MOST, "instance_type": "ml.p3.2xlarge"})


def test_the_floor_of_the_fleet_is_its_count_at_first():
    [fleet] = configuration(MOST)["ProductionVariants"]
    assert fleet["InitialInstanceCount"] == fleet["ManagedInstanceScaling"]["MinInstanceCount"] == 2
    [fleet] = configuration(AWAKE)["ProductionVariants"]
    assert fleet["InitialInstanceCount"] == 1


def test_without_rolling_nothing_is_guarded():
    assert specification.deployment_config(None, ["prod-ranker--stable-5xx"]) is None


@pytest.mark.parametrize(("batch", "interval", "seconds"), [(5, 0, 0), (50, "10m", 600), (25, 3600, 3600)])
def test_copies_roll_in_shares_until_an_alarm_fires(batch, interval, seconds):
    rolling = Rolling.parse({"batch": batch, "interval": interval})
    found = specification.deployment_config(rolling, ["prod-ranker--stable-5xx", "prod-ranker--stable-p95"])
    assert found == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": batch},
            "WaitIntervalInSeconds": seconds,
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": "prod-ranker--stable-5xx"}, {"AlarmName": "prod-ranker--stable-p95"}]
        },
    }
    valid(specification.COMPONENT_TYPE, {**component(MODEL), "DeploymentConfig": found})


def test_what_can_only_be_written_is_why_cloud_control_does_not_update():
    """Should CloudFormation ever read these back, `in_force.py` can go."""
    found = schema(specification.COMPONENT_TYPE)
    assert found is not None
    assert {"/properties/DeploymentConfig", "/properties/RuntimeConfig/CopyCount"} <= {*found["writeOnlyProperties"]}


def test_a_configuration_cannot_be_changed_so_its_name_follows_its_content():
    found = schema(specification.CONFIG_TYPE)
    assert found is not None
    fixed = {pointer.removeprefix("/properties/") for pointer in found["createOnlyProperties"]}
    assert configuration(MOST).keys() - {"Tags"} <= fixed
