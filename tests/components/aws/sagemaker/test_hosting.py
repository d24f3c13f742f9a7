"""Models, configurations, the endpoint: their names follow content, and not tags."""

import pulumi
import pytest
from components.aws.sagemaker.samples import (
    ALERTS,
    ASYNCHRONOUS,
    CONFIGURATION,
    ENDPOINT,
    FOUNDATION,
    IMAGE,
    LABELS,
    MODEL,
    NEWER_IMAGE,
    REALTIME,
    SERVERLESS,
    SLO,
    VARIANT,
    only,
)  # fmt: skip
from components.aws.sagemaker.samples import (
    planned as remembered,
)

from modelberth.aws.sagemaker import content_names
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth.core.config import is_output
from modelberth.core.errors import ConfigError
from modelberth.core.naming import RULES

KINDS = {"realtime": (RealtimeEndpoint, REALTIME), "serverless": (ServerlessEndpoint, SERVERLESS),
         "asynchronous": (AsyncEndpoint, ASYNCHRONOUS)}  # fmt: skip
MODEL_NAME, CONFIG_NAME = "aws-sagemaker-model", "aws-sagemaker-endpoint-config"


def with_version(kind, version="1.5.0", **container):
    """The arguments of a kind, with another version, and other words of its container."""
    _, given = KINDS[kind]
    if kind != "realtime":
        return {**given, "artefact": changed(given["artefact"], version, container)}
    return {**given, "variants": {"stable": changed(given["variants"]["stable"], version, container)}}


def changed(artefact, version, container):
    return {**artefact, "version": version, "containers": [{**artefact["containers"][0], **container}]}


class Resolved:
    """Names in AWS, which a preview does not know: as if the role were there already, and models had their names."""

    def __init__(self, monkeypatch):
        self.names = {}

        def physical(name, rule, content, logical_name):
            plain = {key: self.plain(value) for key, value in content.items()}
            found = original(name, rule, plain, logical_name)
            found.apply(lambda text: self.names.setdefault(rule, []).append(text))
            return found

        original = content_names.physical
        monkeypatch.setattr(content_names, "physical", physical)

    def plain(self, value):
        """With what is known of each Output, which in these tests is its place alone: roles stay the same."""
        if is_output(value):
            return "the same"
        if isinstance(value, dict):
            return {key: self.plain(item) for key, item in value.items()}
        return [self.plain(item) for item in value] if isinstance(value, list | tuple) else value


planned = remembered.__wrapped__
"""Made anew each time: the names are watched as they are made."""


@pytest.fixture
def resolved(monkeypatch):
    return Resolved(monkeypatch)


def names(kind, given, resolved):
    """Names in Pulumi and in AWS: of the model, of the configuration, of the endpoint."""
    resolved.names.clear()
    plan = planned(KINDS[kind][0], given)
    return (
        (only(plan, MODEL).name, *resolved.names[MODEL_NAME]),
        (only(plan, CONFIGURATION).name, *resolved.names[CONFIG_NAME]),
        (only(plan, ENDPOINT).name, only(plan, ENDPOINT).get("name")),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_content_has_the_same_names(kind, resolved):
    _, given = KINDS[kind]
    assert names(kind, given, resolved) == names(kind, given, resolved)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("version", "container"),
    [
        ("1.5.0", {"image": NEWER_IMAGE}),
        ("1.4.0", {"image": NEWER_IMAGE}),
        ("1.4.0", {"model_data": "s3://models/ranker/1.4.1/model.tar.gz"}),
        ("1.4.0", {"environment": {"THREADS": "2"}}),
        ("1.5.0", {}),
    ],
    ids=["all of it", "its image", "its files", "its environment", "its version alone"],
)
def test_a_changed_model_is_a_new_model_and_a_new_configuration_of_the_same_endpoint(
    kind, version, container, resolved
):
    old = names(kind, KINDS[kind][1], resolved)
    new = names(kind, with_version(kind, version, **container), resolved)
    # In Pulumi and in AWS: a new resource is made before the old one goes, so the two may never share a name.
    assert not {*old[0]} & {*new[0]}
    assert not {*old[1]} & {*new[1]}
    assert new[2] == old[2] == ("ranker", "prod-ranker")


@pytest.mark.parametrize("kind", KINDS)
def test_going_back_finds_the_old_names(kind, resolved):
    _, given = KINDS[kind]
    first = names(kind, given, resolved)
    names(kind, with_version(kind, image=NEWER_IMAGE), resolved)
    assert names(kind, given, resolved) == first


@pytest.mark.parametrize("kind", KINDS)
def test_tags_alone_change_no_name(kind, resolved):
    _, given = KINDS[kind]
    first = names(kind, {**given, "labels": LABELS}, resolved)
    assert names(kind, {**given, "labels": {**LABELS, "owner": "ranking"}}, resolved) == first


def test_other_instances_are_another_configuration_of_the_same_model(resolved):
    old = names("realtime", REALTIME, resolved)
    larger = {**REALTIME, "variants": {"stable": {**VARIANT, "instance_type": "ml.m7i.xlarge"}}}
    new = names("realtime", larger, resolved)
    assert new[0] == old[0]
    assert not {*old[1]} & {*new[1]}


def test_a_rollout_and_its_alarms_are_no_content_of_the_configuration(resolved):
    old = names("realtime", REALTIME, resolved)
    assert names("realtime", {**REALTIME, "rollout": {"blue_green": {}}, "slo": SLO}, resolved) == old


def test_a_value_that_becomes_an_output_is_a_new_resource_under_a_new_name(resolved):
    """Else Pulumi would make the second before the first goes, under the same name in AWS."""
    old = names("realtime", REALTIME, resolved)

    def later(name, given):
        image = pulumi.Output.from_input(IMAGE)
        return RealtimeEndpoint(name, {**given, "variants": {"stable": changed(VARIANT, "1.4.0", {"image": image})}})

    resolved.names.clear()
    plan = planned(later, REALTIME)
    assert only(plan, MODEL).name != old[0][0]
    assert resolved.names[MODEL_NAME][0] != old[0][1]
    assert resolved.names[CONFIG_NAME][0] != old[1][1]


def test_names_in_aws_are_accepted_there(resolved):
    found = names("realtime", REALTIME, resolved)
    assert RULES[MODEL_NAME].accepts(found[0][1])
    assert RULES[CONFIG_NAME].accepts(found[1][1])


def test_a_name_of_forty_characters_is_accepted_and_one_of_more_is_refused():
    plan = planned(RealtimeEndpoint, REALTIME, name="a" * 40, stack="production")
    assert len(only(plan, ENDPOINT).get("name")) <= 63
    with pytest.raises(ConfigError) as error:
        planned(RealtimeEndpoint, REALTIME, name="a" * 41)
    assert str(error.value) == (
        "name: 1 fault\n  logical: got 41 characters that are no name; write lower-case letters, digits and single "
        "hyphens, a letter first, 40 characters at most"
    )


def test_bucket_image_and_key_may_be_known_later():
    def later(name, given):
        output = pulumi.Output.from_input
        container = {"image": output(IMAGE), "model_data": output("s3://models/ranker/1.4.0/")}
        key = {"arn": output(FOUNDATION["encryption"]["arn"])}
        foundation = {**FOUNDATION, "encryption": key, "alerts": output(ALERTS)}
        variants = {"stable": {**VARIANT, "containers": [container]}}
        return RealtimeEndpoint(name, {**given, "foundation": foundation, "variants": variants})

    late, plain = planned(later, REALTIME), planned(RealtimeEndpoint, REALTIME)
    assert only(late, MODEL).get("primaryContainer") == only(plain, MODEL).get("primaryContainer")
    assert only(late, CONFIGURATION).get("kmsKeyArn") == FOUNDATION["encryption"]["arn"]
    read = only(late, "aws:iam/rolePolicy:RolePolicy").get("policy")
    assert read == only(plain, "aws:iam/rolePolicy:RolePolicy").get("policy")
