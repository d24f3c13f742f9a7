"""A registry as a plan: tags that cannot move, a private bucket, a group, and other accounts that may only read."""

import json
from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory
from plans import remembered
from policy_text import kinds_of, readable, statements

from modelberth.aws.registry import ModelRegistry, Registry
from modelberth.core.errors import ConfigError, ModelberthError
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
REASON = {"reason": "a test that has nothing to hide"}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
MAX = {
    "encryption": {"arn": KEY},
    "readers": ["210987654321", "333333333333"],
    "untagged_days": 7,
    "images": 50,
    "noncurrent_days": 365,
    "protect": True,
    "labels": LABELS,
}
TOP = "modelberth:index:ModelRegistry"
REPOSITORY = f"{TOP}$aws:ecr/repository:Repository::ml"
GROUP = f"{TOP}$aws:sagemaker/modelPackageGroup:ModelPackageGroup::ml"
BUCKET = f"{TOP}$modelberth:index:PrivateBucket$aws:s3/bucket:Bucket::ml-models"
GRANT = "aws:kms/grant:Grant"


@remembered
def planned(name="ml", **fields):
    def program():
        registry = ModelRegistry(name, {"account": ACCOUNT, "encryption": REASON, **fields}).registry
        for word, value in registry:
            pulumi.CustomResource("test:index:User", word, {"value": value})

    return run_in_process(program, stack="prod")


def test_defaults():
    assert_inventory(readable(planned()), HERE / "registry.defaults.inventory.yaml")


def test_max():
    assert_inventory(readable(planned(**MAX)), HERE / "registry.max.inventory.yaml")


@pytest.mark.parametrize("word", ["bucket", "repository_arn", "repository_url", "package_group"])
def test_who_uses_any_part_waits_for_what_lets_the_readers_in(word):
    plan = planned(**MAX)
    letting = {
        resource.urn
        for resource in plan.of_type(
            "aws:ecr/repositoryPolicy:RepositoryPolicy",
            "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
            GRANT,
        )
    }
    assert len(letting) == 4
    assert letting <= set(plan[f"test:index:User::{word}"].dependencies)


def test_without_readers_nobody_is_let_in():
    plan = planned(encryption={"arn": KEY})
    assert plan.of_type(GRANT, "aws:ecr/repositoryPolicy:RepositoryPolicy") == ()
    assert [statement["Effect"] for _, statement in statements(plan)] == ["Deny"]


def test_readers_may_decrypt_and_no_more_and_only_with_a_key_of_ones_own():
    assert [grant.get("operations") for grant in planned(**MAX).of_type(GRANT)] == [["Decrypt", "DescribeKey"]] * 2
    assert planned(**{**MAX, "encryption": REASON}).of_type(GRANT) == ()


def test_readers_change_nothing():
    allowed = [
        action
        for _, statement in statements(planned(**MAX))
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    ]
    assert [action for action in allowed if not kinds_of(action)] == []
    read = ("Get", "List", "Describe", "BatchGet", "BatchCheck")
    # CreateModel makes a model of their own from a package; the package stays as it is.
    assert {action for action in allowed if not action.partition(":")[2].startswith(read)} == {"sagemaker:CreateModel"}


def test_everything_that_cannot_be_made_again_is_protected_when_asked():
    protected = {resource.key for resource in planned(protect=True) if resource.options.protect}
    assert protected == {REPOSITORY, GROUP, BUCKET}
    assert not any(resource.options.protect for resource in planned())


@pytest.mark.parametrize("force", [True, False])
def test_images_and_artefacts_go_with_the_registry_only_when_asked(force):
    plan = planned(force_destroy=force)
    assert plan[BUCKET].get("forceDestroy") is force
    assert plan[REPOSITORY].get("forceDelete") is force


@pytest.mark.parametrize(
    ("images", "selections"),
    [(None, [("untagged", 30)]), (10, [("untagged", 30), ("tagged", 10)])],
)
def test_an_image_with_a_tag_stays_unless_a_number_is_given(images, selections):
    (policy,) = planned(images=images).of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy")
    rules = json.loads(policy.get("policy"))["rules"]
    assert [(rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules] == selections
    assert [rule["rulePriority"] for rule in rules] == list(range(1, len(rules) + 1))


def test_the_name_of_the_bucket_ends_in_the_account():
    name = planned("a" + "-registry" * 4)[
        f"{TOP}$modelberth:index:PrivateBucket$aws:s3/bucket:Bucket::a{'-registry' * 4}-models"
    ].get("bucket")
    assert len(name) <= 63
    assert planned()[BUCKET].get("bucket") == "prod-ml--models-123456789012"


def test_files_lie_under_model_and_version():
    assert Registry.prefix("ranker", "1.4.0") == "ranker/1.4.0/"


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_a_path_has_two_parts_and_means_nothing_in_a_policy(model, version):
    try:
        path = Registry.prefix(model, version)
    except ModelberthError:
        return
    assert path.split("/") == [model, version, ""]
    assert not set(path) & set("*?$ \\#:%")
    assert ".." not in (model, version)


def test_every_ordinary_name_is_a_path():
    assert Registry.prefix("Ranker_v2.b-1", "1.0.0-rc.1") == "Ranker_v2.b-1/1.0.0-rc.1/"


@pytest.mark.parametrize("model", ["*", "../other", "a/b", "", ".hidden", "rank er", "${aws:username}"])
def test_a_name_that_would_lead_elsewhere_is_refused(model):
    with pytest.raises(ModelberthError) as error:
        Registry.prefix(model, "1.4.0")
    assert str(error.value) == (
        f"model: got {model!r}, allowed in a path of the registry are letters, digits, '.', '_' and '-', a letter or "
        "digit first; rename it"
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"force_destroy": True, "protect": True},
            "ml: force_destroy and protect are both set, and one undoes the other; leave one out",
        ),
        (
            {"readers": ["123456789012"]},
            "ml: readers has 123456789012, which owns the registry and may read it; take it out",
        ),
        ({"readers": ["210987654321"] * 2}, "ml: readers has an account twice; name each once"),
        ({"untagged_days": 0}, "ml.untagged_days: got 0, input should be greater than or equal to 1"),
        ({"images": 0}, "ml.images: got 0, input should be greater than or equal to 1"),
        (
            {"image": 5},
            "ml.image: no such field; allowed: account, encryption, readers, untagged_days, images, noncurrent_days, "
            "access_logs, force_destroy, protect, labels; did you mean 'images'?",
        ),
    ],
)
def test_a_bad_registry_is_refused(fields, message):
    with pytest.raises(ConfigError) as error:
        planned(**fields)
    assert [str(fault) for fault in error.value.faults] == [message]


GIVEN = {
    "bucket": "models",
    "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/team/models",
    "repository_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/models",
    "package_group": "models",
}


def test_a_registry_that_is_there_already_is_taken():
    assert Registry.parse(GIVEN).repository_url == GIVEN["repository_url"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"bucket": "s3://models/ranker"},
            "bucket: not the name of a bucket; write it alone, without s3:// and folders",
        ),
        (
            {"repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/*"},
            "repository_arn: not the ARN of a repository; write arn:aws:ecr:<region>:<account>:repository/<name>",
        ),
        (
            {"repository_url": GIVEN["repository_url"] + ":latest"},
            "repository_url: not the address of a repository; write "
            "<account>.dkr.ecr.<region>.amazonaws.com/<name>, without tag and digest",
        ),
        (
            {"package_group": "models/1"},
            "package_group: not a model package group; write its name, letters, digits and -",
        ),
    ],
)
def test_a_registry_that_is_none_is_refused(fields, message):
    with pytest.raises(ConfigError) as error:
        Registry.parse({**GIVEN, **fields})
    assert [str(fault) for fault in error.value.faults] == [message]
