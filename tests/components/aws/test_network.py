"""A network of one's own as a plan: no way to the internet, and no more open than is used."""

import json
from pathlib import Path

import pulumi
import pytest
from inventory import assert_inventory
from plans import remembered

from modelberth.aws.network import Network, PrivateNetwork
from modelberth.aws.security_groups import HTTPS
from modelberth.aws.service_endpoints import REQUIRED
from modelberth.core.errors import ConfigError
from modelberth.core.labels import Labels, render
from modelberth_policies.resources import UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
REASON = {"reason": "a test that has nothing to hide"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
BOUNDARY = "arn:aws:iam::123456789012:policy/bounds"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
MAX = {
    "cidr": "172.16.0.0/20",
    "zones": "cab",
    "services": {"monitoring": ["cloudwatch:PutMetricData"], "bedrock-runtime": ["bedrock:InvokeModel"]},
    "buckets": ("models-of-another-account",),
    "private_api": False,
    "encryption": {"arn": KEY},
    "flow_log_days": 365,
    "permissions_boundary": BOUNDARY,
    "labels": LABELS,
}
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
OUT = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
IN = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
JOINED = "aws:ec2/routeTableAssociation:RouteTableAssociation"
OWN = {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def network(**fields):
    return PrivateNetwork("net", {"account": ACCOUNT, "encryption": REASON, **fields}).network


@remembered
def planned(**fields):
    return run_in_process(lambda: network(**fields) and None)


def used(**fields):
    """The plan of a network, and of a resource for each part of it."""

    def program():
        for name, value in network(**fields):
            pulumi.CustomResource("test:index:User", name, {"value": value})

    return run_in_process(program)


def policy(plan, service):
    """The statements of one endpoint's policy."""
    name = f"com.amazonaws.eu-central-1.{service}"
    (found,) = [end for end in plan.of_type(ENDPOINT) if end.get("serviceName") == name]
    return json.loads(found.get("policy"))["Statement"]


def test_defaults():
    assert_inventory(planned(), HERE / "network.defaults.inventory.yaml")


def test_max():
    assert_inventory(planned(**MAX), HERE / "network.max.inventory.yaml")


def test_labels_reach_everything_that_can_carry_them():
    made = [one for one in planned(**MAX) if one.type.startswith("aws:")]
    bare = {
        one.type for one in made if not render(Labels(**LABELS), "aws").items() <= one.inputs.get("tags", {}).items()
    }
    assert bare == {JOINED, "aws:iam/rolePolicy:RolePolicy"}


@pytest.mark.parametrize("fields", [{}, MAX])
def test_nothing_leads_to_the_internet(fields):
    plan = planned(**fields)
    kinds = {resource.type for resource in plan}
    assert not [
        kind for kind in kinds if kind.endswith("Gateway") or kind in ("aws:ec2/eip:Eip", "aws:ec2/route:Route")
    ]
    assert not [table for table in plan.of_type("aws:ec2/routeTable:RouteTable") if "routes" in table.inputs]
    assert {subnet.get("mapPublicIpOnLaunch") for subnet in plan.of_type("aws:ec2/subnet:Subnet")} == {False}


def test_only_port_443_is_open_and_to_no_range_of_addresses():
    plan = planned(**MAX)
    for rule in [*plan.of_type(OUT), *plan.of_type(IN)]:
        assert (rule.get("ipProtocol"), rule.get("fromPort"), rule.get("toPort")) == tuple(HTTPS.values())
        assert not {"cidrIpv4", "cidrIpv6"} & rule.inputs.keys()


def test_a_rule_is_between_the_groups_that_its_name_says():
    plan = planned()
    groups = {group.urn: group.name for group in plan.of_type("aws:ec2/securityGroup:SecurityGroup")}
    rules = [*plan.of_type(OUT), *plan.of_type(IN)]
    between = {
        rule.name.removeprefix("net-groups-"): {
            field: groups[rule.property_dependencies[field][0]].removeprefix("net-groups-")
            for field in ("securityGroupId", "referencedSecurityGroupId")
            if field in rule.inputs
        }
        for rule in rules
    }
    assert between == {
        "models-to-endpoints": {"securityGroupId": "models", "referencedSecurityGroupId": "endpoints"},
        "models-to-s3": {"securityGroupId": "models"},
        "callers-to-endpoints": {"securityGroupId": "callers", "referencedSecurityGroupId": "endpoints"},
        "endpoints-from-models": {"securityGroupId": "endpoints", "referencedSecurityGroupId": "models"},
        "endpoints-from-callers": {"securityGroupId": "endpoints", "referencedSecurityGroupId": "callers"},
    }


def test_whoever_uses_any_part_waits_for_all_of_it():
    plan = used()
    needed = {one.urn for kind in (OUT, IN, JOINED, ENDPOINT, "aws:ec2/flowLog:FlowLog") for one in plan.of_type(kind)}
    users = plan.of_type("test:index:User")
    assert {user.name for user in users} == {*Network.model_fields}
    for user in users:
        assert needed <= {*user.dependencies}, user.name


def test_only_principals_of_the_account_pass_an_endpoint_and_only_with_what_models_do():
    plan = planned()
    passing = {service: policy(plan, service) for service in REQUIRED}
    assert [one["Condition"] for (one,) in passing.values()] == [OWN] * 7
    pull = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
    ]  # fmt: skip
    assert {service: one["Action"] for service, (one,) in passing.items()} == {
        "sagemaker.runtime": [
            "sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream", "sagemaker:InvokeEndpointAsync",
        ],
        "ecr.api": pull,
        "ecr.dkr": pull,
        "logs": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "sts": ["sts:AssumeRole", "sts:GetCallerIdentity"],
        "kms": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        "secretsmanager": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    }  # fmt: skip
    arn = "arn:aws:{}:eu-central-1:123456789012:{}".format
    assert {service: one["Resource"] for service, (one,) in passing.items()} == {
        "sagemaker.runtime": [arn("sagemaker", "endpoint/*"), arn("sagemaker", "inference-component/*")],
        "ecr.api": ["*"],
        "ecr.dkr": ["*"],
        "logs": [arn("logs", "log-group:*")],
        "sts": ["*"],
        "kms": ["*"],
        "secretsmanager": [arn("secretsmanager", "secret:*")],
    }


def test_callers_with_an_api_key_are_nobodys_principals_and_reach_apis_of_the_account_only():
    (one,) = policy(planned(), "execute-api")
    assert "Condition" not in one
    assert one["Action"] == ["execute-api:Invoke"]
    assert one["Resource"] == ["arn:aws:execute-api:eu-central-1:123456789012:*"]


def test_through_the_endpoint_of_a_further_service_pass_the_actions_that_were_named():
    (one,) = policy(planned(services={"bedrock-runtime": ["bedrock:InvokeModel"]}), "bedrock-runtime")
    assert (one["Action"], one["Resource"], one["Condition"]) == (["bedrock:InvokeModel"], ["*"], OWN)


def test_through_the_s3_endpoint_nothing_is_written_outside_the_account():
    own, layers, named = policy(planned(buckets=("models-of-another-account",)), "s3")
    account = {"aws:PrincipalAccount": "123456789012", "aws:ResourceAccount": "123456789012"}
    assert own["Condition"] == {"StringEquals": account}
    assert (layers["Action"], layers["Resource"]) == (
        ["s3:GetObject"], ["arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"],
    )  # fmt: skip
    assert not [action for action in named["Action"] if "Put" in action or "Delete" in action or "*" in action]
    assert named["Resource"] == ["arn:aws:s3:::models-of-another-account", "arn:aws:s3:::models-of-another-account/*"]
    assert named["Condition"] == OWN


def test_without_buckets_of_other_accounts_none_can_be_read():
    assert [one["Sid"] for one in policy(planned(), "s3")] == ["OwnBuckets", "ImageLayers"]


def test_a_bucket_may_be_known_late():
    def program():
        bucket = pulumi.CustomResource("test:index:Bucket", "other").id
        PrivateNetwork("net", {"account": ACCOUNT, "encryption": REASON, "buckets": [bucket]})

    plan = run_in_process(program)
    assert plan[f"modelberth:index:PrivateNetwork${ENDPOINT}::net-s3"].get("policy") is UNKNOWN


def test_the_role_of_the_flow_log_writes_to_its_own_group_and_makes_none():
    plan = planned()
    (found,) = plan.of_type("aws:iam/rolePolicy:RolePolicy")
    write, find = json.loads(found.get("policy"))["Statement"]
    assert (write["Action"], write["Resource"]) == (
        ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        ["arn:aws:logs:eu-central-1:123456789012:log-group:/modelberth/s-net-flow-log:*"],
    )
    assert (find["Action"], find["Resource"]) == (
        ["logs:DescribeLogGroups"], ["arn:aws:logs:eu-central-1:123456789012:log-group:*"],
    )  # fmt: skip
    (role,) = plan.of_type("aws:iam/role:Role")
    (trusted,) = json.loads(role.get("assumeRolePolicy"))["Statement"]
    assert trusted["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*"},
    }


def test_without_private_apis_the_network_has_no_endpoint_of_theirs():
    plan = used(private_api=False)
    assert not [end for end in plan.of_type(ENDPOINT) if end.get("serviceName").endswith("execute-api")]
    assert plan["test:index:User::api_endpoint_id"].inputs == {}


IMPORTED = {"vpc_id": "vpc-1", "subnet_ids": ("subnet-1", "subnet-2"), "model_security_group_id": "sg-1"}


def test_a_network_that_is_there_already_needs_three_things():
    network = Network.parse(IMPORTED)
    assert network.caller_security_group_id is None
    assert network.api_endpoint_id is None


def test_an_id_that_resolves_to_something_else_fails_under_its_field():
    def program():
        late = pulumi.Output.from_input("i-0123")
        pulumi.export("vpc", Network.parse({**IMPORTED, "vpc_id": late}, "net").vpc_id)

    with pytest.raises(ConfigError) as error:
        run_in_process(program)
    assert str(error.value) == "configuration: 1 fault\n  net.vpc_id: not a VPC; write its id, vpc-…"
