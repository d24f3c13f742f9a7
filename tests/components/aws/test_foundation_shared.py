"""A foundation that another stack made: what it exports is what is read, and what is missing is named at once."""

import json

import pulumi
import pytest

from modelberth.aws.encryption import CustomerKey
from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.shared import SharedArgs, checked, exported, shared_from
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.sources.program import run_in_process

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/triton@sha256:" + "a" * 64
WHOLE = {
    "account": ACCOUNT,
    "network": {
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "model_security_group_id": "sg-1",
        "caller_security_group_id": "sg-2",
        "api_endpoint_id": "vpce-1",
    },
    "encryption": {"arn": "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"},
    "registry": {
        "bucket": "models",
        "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/models",
        "repository_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/models",
        "package_group": "models",
    },
    "access_logs": "access-logs",
    "alerts": "arn:aws:sns:eu-central-1:123456789012:alerts",
    "permissions_boundary": "arn:aws:iam::123456789012:policy/bounds",
    "log_retention_days": 90,
    "images": {"triton": IMAGE},
}
THIS = "read the stack of this account and region"
PARTS = ("access_logs", "alerts", "callers", "package_group", "permissions_boundary", "private_api")


class Answered:
    """A stack reference whose stack has answered."""

    pulumi_resource_name = "platform/network/prod"

    def __init__(self, outputs):
        self.outputs = outputs

    def get_output(self, name):
        return pulumi.Output.from_input(self.outputs.get(name))


def read_back(outputs, **args):
    """What a program that reads these outputs exports of the foundation."""

    def program():
        shared = shared_from(Answered(outputs), {"account": ACCOUNT, **args})
        pulumi.export("read", exported(shared))

    return run_in_process(program).outputs["read"]


def test_what_is_exported_is_read():
    assert read_back({"shared": WHOLE}, parts=PARTS, images=("triton",)) == WHOLE


def test_a_foundation_is_exported_as_plain_values():
    plain = Foundation.parse(WHOLE)
    assert json.loads(json.dumps(exported(plain))) == WHOLE


def test_a_part_that_is_not_used_is_not_there():
    read = read_back({"shared": WHOLE}, parts=())
    assert {*read} == {"account", "network", "encryption", "registry", "log_retention_days", "images"}
    assert {*read["network"]} == {"vpc_id", "subnet_ids", "model_security_group_id"}
    assert {*read["registry"]} == {"bucket", "repository_arn", "repository_url"}


def test_the_output_of_an_earlier_name_can_be_read():
    assert read_back({"ml": WHOLE}, output="ml")["network"]["vpc_id"] == "vpc-1"


def test_without_a_key_there_the_provider_encrypts_here_too():
    without = {**WHOLE, "encryption": {"reason": "nothing to hide there"}}
    said = "the foundation that platform/network/prod shares has no key of its own"
    assert read_back({"shared": without}, key=False)["encryption"] == {"reason": said}


def test_what_a_later_version_exports_besides_does_no_harm():
    newer = {**WHOLE, "colour": "green", "network": {**WHOLE["network"], "dns": "10.0.0.2"}}
    assert read_back({"shared": newer})["network"]["vpc_id"] == "vpc-1"


def test_in_a_preview_its_shape_is_known_and_its_values_are_not():
    def program():
        shared = shared_from(pulumi.StackReference("platform/network/prod"), {"account": ACCOUNT, "subnets": 3})
        assert isinstance(shared.encryption, CustomerKey)
        pulumi.CustomResource(
            "test:index:User",
            "user",
            {"subnets": list(shared.network.subnet_ids), "boundary": shared.permissions_boundary},
        )

    user = run_in_process(program)["test:index:User::user"]
    assert user.get("subnets") == [UNKNOWN, UNKNOWN, UNKNOWN]
    assert user.get("boundary") is MISSING


def test_one_stack_makes_it_and_exports_what_others_read():
    def program():
        pulumi.export("shared", exported(AwsFoundation("ml", {"account": ACCOUNT}).shared))

    shared = run_in_process(program).outputs["shared"]
    assert shared["account"] == ACCOUNT
    assert shared["network"]["subnet_ids"] == [UNKNOWN, UNKNOWN]
    assert {*shared["network"]} == {*WHOLE["network"]}
    assert {*shared["registry"]} == {*WHOLE["registry"]}


def faults(value, **args):
    with pytest.raises(ConfigError) as error:
        checked(value, SharedArgs.parse({"account": ACCOUNT, **args}), "platform/network/prod")
    head, *lines = str(error.value).splitlines()
    assert head.startswith("output 'shared' of stack platform/network/prod: ")
    return [line.strip() for line in lines]


def without(*path):
    """The whole without one of its fields."""
    if len(path) == 1:
        return {name: value for name, value in WHOLE.items() if name != path[0]}
    inner = {name: value for name, value in WHOLE[path[0]].items() if name != path[1]}
    return {**WHOLE, path[0]: inner}


@pytest.mark.parametrize(
    ("value", "args", "said"),
    [
        (None, {}, ['there is none; write pulumi.export("shared", exported(…)) there']),
        ("vpc-1", {}, ['it is no foundation; write pulumi.export("shared", exported(…)) there']),
        (without("registry", "bucket"), {}, ["registry.bucket: field required"]),
        (without("access_logs"), {}, ["access_logs: it has none; add it there, or take access_logs out of parts"]),
        (without("alerts"), {}, ["alerts: it has none; add it there, or take alerts out of parts"]),
        (
            without("network", "api_endpoint_id"),
            {},
            ["private_api: it has none; add it there, or take private_api out of parts"],
        ),
        (
            {**WHOLE, "account": {"region": "us-east-1", "id": "210987654321"}, "images": {}},
            {},
            [
                f"account.region: got us-east-1, this stack's is eu-central-1; {THIS}",
                f"account.id: got 210987654321, this stack's is 123456789012; {THIS}",
            ],
        ),
        (WHOLE, {"subnets": 3}, ["network.subnet_ids: got 2, stated are 3; write subnets: 2"]),
        (WHOLE, {"key": False}, ["encryption: it has a key of its own; write key: true"]),
        (
            {**WHOLE, "encryption": {"reason": "nothing to hide there"}},
            {},
            ["encryption: it has the provider's key; write key: false"],
        ),
        (WHOLE, {"images": ("vllm",)}, ["images.vllm: it has none; add it there"]),
        (
            {**WHOLE, "network": {**WHOLE["network"], "vpc_id": "sg-1", "subnet_ids": ["subnet-1"]}},
            {},
            [
                "network.vpc_id: not a VPC; write its id, vpc-…",
                "network.subnet_ids: got 1 subnet, SageMaker wants 2 to 16 in different zones",
            ],
        ),
    ],
)
def test_all_that_is_missing_or_different_is_in_one_message(value, args, said):
    assert faults(value, **args) == said


def test_a_program_that_reads_what_is_not_there_fails_with_that_message():
    with pytest.raises(ValueError, match=r"output 'shared' of stack platform/network/prod: 1 fault\n  alerts: it has "):
        read_back({"shared": without("alerts")})


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ({"subnets": 1}, "subnets: got 1, input should be greater than or equal to 2"),
        (
            {"parts": ("alarms",)},
            "parts.0: input should be 'access_logs', 'alerts', 'callers', 'package_group', 'permissions_boundary' or "
            "'private_api'",
        ),
    ],
)
def test_what_cannot_be_stated_is_refused(args, fault):
    with pytest.raises(ConfigError) as error:
        SharedArgs.parse({"account": ACCOUNT, **args})
    assert str(error.value) == f"configuration: 1 fault\n  {fault}"
