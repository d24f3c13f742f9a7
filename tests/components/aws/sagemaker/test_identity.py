"""The role of one endpoint: for each scenario, an inventory of what it may do, to what, and under which condition."""

from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from policy_text import readable, statements

from modelberth.aws.sagemaker.identity import ExecutionRole, ExecutionRoleArgs, execution_statements
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
REPOSITORY = "arn:aws:ecr:eu-central-1:123456789012:repository/prod-ml"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:results"
LOG_GROUP = "/aws/sagemaker/Endpoints/prod-ranker"
FOUNDATION = {
    "account": {"region": "eu-central-1", "id": "123456789012"},
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "model_security_group_id": "sg-1"},
    "encryption": {"arn": KEY},
    "registry": {
        "bucket": "models",
        "repository_arn": REPOSITORY,
        "repository_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/prod-ml",
    },
}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
NEEDED = {"foundation": FOUNDATION, "artefacts": ["s3://models/ranker/1.4.0/"], "log_group_name": LOG_GROUP}
SERVERLESS = {
    "foundation": {**FOUNDATION, "encryption": {"reason": "a test that has nothing to hide"}},
    "artefacts": [],
    "in_vpc": False,
    "volume_key": False,
}
MAX = {
    "foundation": {**FOUNDATION, "permissions_boundary": "arn:aws:iam::123456789012:policy/bounds"},
    "artefacts": ["s3://models/ranker/1.4.0/", "s3://archives/ranker/1.5.0/model.tar.gz", "s3://models/ranker/1.4.0/"],
    "repositories": [REPOSITORY, "arn:aws:ecr:eu-central-1:210987654321:repository/team/triton"],
    "reads": [{"uri": "s3://requests/in/", "reason": "input of asynchronous requests"}],
    "writes": [
        {"uri": "s3://requests/out/", "reason": "answers to asynchronous requests"},
        {"uri": "s3://captured/", "reason": "data capture, in a bucket of its own"},
    ],
    "topics": [TOPIC],
    "namespaces": ["/aws/sagemaker/Endpoints"],
    "labels": LABELS,
}
TOP = "modelberth:index:ExecutionRole"
ROLE, POLICY = f"{TOP}$aws:iam/role:Role::ranker-role", f"{TOP}$aws:iam/rolePolicy:RolePolicy::ranker-role"
GRANT = f"{TOP}$aws:kms/grant:Grant::ranker-role"


def planned(**fields):
    def program():
        role = ExecutionRole("ranker-role", {**NEEDED, **fields})
        pulumi.CustomResource("test:index:User", "user", {"arn": role.arn})

    return run_in_process(program, stack="prod")


def permitted(**fields):
    """The statements of the role's policy, by name."""
    return {each["Sid"]: each for resource, each in statements(planned(**fields)) if resource.key == POLICY}


@pytest.mark.parametrize(("scenario", "fields"), [("defaults", {}), ("serverless", SERVERLESS), ("max", MAX)])
def test_what_the_role_may_do(scenario, fields):
    assert_inventory(readable(planned(**fields)), HERE / f"execution_role.{scenario}.inventory.yaml")


@pytest.mark.parametrize("fields", [{}, SERVERLESS, MAX])
def test_iam_takes_the_policy(fields):
    IAMPolicyDocumentValidator(planned(**fields)[POLICY].get("policy")).validate()


def test_who_uses_the_role_waits_for_its_policy_and_its_use_of_the_key():
    plan = planned()
    assert {plan[key].urn for key in (ROLE, POLICY, GRANT)} <= set(plan["test:index:User::user"].dependencies)


def test_with_the_providers_key_there_is_neither_grant_nor_permission():
    plan = planned(**SERVERLESS)
    assert plan.of_type("aws:kms/grant:Grant") == ()
    assert not any("kms:" in action for _, each in statements(plan) for action in each["Action"])


@pytest.mark.parametrize(
    ("fields", "operations"),
    [
        ({}, ["Decrypt", "DescribeKey"]),
        ({"topics": [TOPIC]}, ["Decrypt", "DescribeKey", "GenerateDataKey"]),
        ({"writes": MAX["writes"]}, ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"]),
        ({"writes": MAX["writes"], "topics": [TOPIC]}, ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"]),
    ],
)
def test_the_key_is_granted_for_what_the_role_does_with_it(fields, operations):
    assert planned(**fields)[GRANT].get("operations") == operations


def test_the_key_makes_grants_for_volumes_only_and_only_where_volumes_take_it():
    assert permitted()["EncryptVolumes"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert "EncryptVolumes" not in permitted(volume_key=False)


def test_a_folder_is_read_as_a_whole_and_an_archive_alone():
    read = permitted(artefacts=["s3://models/ranker/1.4.0/", "s3://models/ranker/1.5.0/model.tar.gz"])
    assert read["ReadFiles"]["Resource"] == [
        "arn:aws:s3:::models/ranker/1.4.0/*",
        "arn:aws:s3:::models/ranker/1.5.0/model.tar.gz",
    ]
    listed = [read[sid]["Condition"]["StringLike"]["s3:prefix"] for sid in ("ListFiles1", "ListFiles2")]
    assert listed == [["ranker/1.4.0/*"], ["ranker/1.5.0/model.tar.gz"]]


def test_what_may_be_listed_in_one_bucket_is_nothing_to_another():
    listed = [each for each in permitted(**MAX).values() if each["Action"] == ["s3:ListBucket"]]
    assert {each["Resource"][0]: each["Condition"]["StringLike"]["s3:prefix"][0] for each in listed} == {
        "arn:aws:s3:::models": "ranker/1.4.0/*",
        "arn:aws:s3:::archives": "ranker/1.5.0/model.tar.gz",
        "arn:aws:s3:::requests": "in/*",
    }


KEYS = st.from_regex(r"[A-Za-z0-9._-]{1,8}(/[A-Za-z0-9._-]{1,8}){0,3}", fullmatch=True)


@given(st.lists(KEYS, min_size=1, max_size=5, unique=True))
def test_every_object_that_may_be_read_lies_under_an_artefact(keys):
    args = ExecutionRoleArgs.parse({**NEEDED, "artefacts": [f"s3://models/{key}/" for key in keys]})
    read = next(each for each in execution_statements(args) if each.sid == "ReadFiles")
    assert sorted(read.resources) == sorted(f"arn:aws:s3:::models/{key}/*" for key in keys)


def test_interfaces_are_made_in_the_subnets_and_nowhere_else():
    found = permitted()
    subnets = [f"arn:aws:ec2:eu-central-1:*:subnet/{name}" for name in ("subnet-1", "subnet-2")]
    made = found["MakeInterfaces"]["Resource"]
    assert [arn for arn in made if ":subnet/" in arn] == subnets
    assert [arn for arn in made if ":security-group/" in arn] == ["arn:aws:ec2:eu-central-1:*:security-group/sg-1"]
    assert found["UseInterfaces"]["Condition"] == {"ArnLike": {"ec2:Subnet": subnets}}


def test_a_model_outside_the_network_makes_no_interfaces():
    assert not any("ec2:" in action for each in permitted(in_vpc=False).values() for action in each["Action"])


def test_the_role_cannot_make_its_log_group():
    assert "logs:CreateLogGroup" not in permitted()["WriteLogs"]["Action"]
    assert permitted()["WriteLogs"]["Resource"] == [f"arn:aws:logs:eu-central-1:123456789012:log-group:{LOG_GROUP}:*"]


def test_a_role_without_namespaces_puts_no_metrics():
    assert "PutMetrics" not in permitted(namespaces=[])


def test_sagemaker_assumes_it_for_this_account_and_region():
    (trust,) = readable(planned())[ROLE].get("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": ["sagemaker.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:eu-central-1:123456789012:*"},
    }


@pytest.mark.parametrize("field", ["artefacts", "log_group_name", "repositories", "topics", "writes"])
def test_what_only_the_cloud_knows_makes_the_policy_unknown_and_stops_nothing(field):
    def program():
        other = pulumi.CustomResource("test:index:Other", "other", {"out": None})
        late = pulumi.Output.from_input(other.id)
        given = {"log_group_name": late, "writes": [{"uri": late, "reason": MAX["writes"][0]["reason"]}]}
        ExecutionRole("ranker-role", {**NEEDED, field: given.get(field, [late])})

    plan = run_in_process(program)
    assert plan[POLICY].get("policy") is UNKNOWN
    assert plan[GRANT].get("operations")


def test_an_output_that_is_known_gives_the_same_policy_as_its_value():
    def program():
        uris = [pulumi.Output.from_input(uri) for uri in NEEDED["artefacts"]]
        ExecutionRole("ranker-role", {**NEEDED, "artefacts": uris})

    plan = run_in_process(program, stack="prod")
    assert plan[POLICY].get("policy") == planned()[POLICY].get("policy")


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        *(
            (
                {"artefacts": [uri]},
                "artefacts.0",
                "not a model's files; write s3://<bucket>/<model>/<version>/ for a folder, or the address of a .tar.gz",
            )
            for uri in (
                "s3://models/",
                "s3://models/ranker",
                "s3://models/*/",
                "s3://models/${aws:username}/",
                "https://models.s3.amazonaws.com/ranker/",
                "s3://*/ranker/",
            )
        ),
        (
            {"writes": [{"uri": "s3://out", "reason": "answers to requests"}]},
            "writes.0.uri",
            "not a folder; write s3://<bucket>/<folder>/, or s3://<bucket>/ for all of it",
        ),
        (
            {"writes": [{"uri": "s3://out/", "reason": "because"}]},
            "writes.0.reason",
            "string should have at least 10 characters",
        ),
        ({"reads": [{"uri": "s3://requests/in/"}]}, "reads.0.reason", "field required"),
        ({"log_group_name": "*"}, "log_group_name", "not a log group; write its name, /aws/sagemaker/…"),
        (
            {"repositories": ["*"]},
            "repositories.0",
            "not the ARN of a repository; write arn:aws:ecr:<region>:<account>:repository/<name>",
        ),
        (
            {"repositories": []},
            "repositories",
            "there is none, and an endpoint has at least one image; name its repository, or leave it out",
        ),
        ({"topics": ["*"]}, "topics.0", "not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>"),
        ({"namespaces": ["*"]}, "namespaces.0", "not a namespace; write one like /aws/sagemaker/Endpoints"),
        (
            {"artifacts": []},
            "artifacts",
            "no such field; allowed: foundation, artefacts, log_group_name, repositories, reads, writes, topics, "
            "namespaces, in_vpc, volume_key, alarms, labels; did you mean 'artefacts'?",
        ),
    ],
)
def test_a_role_that_would_be_too_wide_is_refused(fields, path, message):
    with pytest.raises(ConfigError) as error:
        planned(**fields)
    assert [str(fault) for fault in error.value.faults] == [f"ranker-role.{path}: {message}"]
