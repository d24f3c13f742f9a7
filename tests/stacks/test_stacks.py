"""Every environment of this repository plans in process, and its plan is the inventory beside this file."""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from inventory import assert_inventory

from modelberth.core.errors import ModelberthError
from modelberth.stack.compose import hardened
from modelberth.stack.files import files_of, read_yaml
from modelberth.stack.targets import cloud_of
from modelberth_policies.resources import MISSING, Secret
from modelberth_policies.sources.program import ProgramError, plan

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "stacks" / "config"
STACKS = sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in CONFIG.glob("Pulumi.*.yaml"))
DIGEST = "sha256:" + "d" * 64
OF_EVERY_CLOUD = ("modelberth:index:", "pulumi-python:dynamic/modelberth:RolloutRecord")
TYPES = {
    "local": ("pulumi-python:dynamic/modelberth:",),
    "aws": ("aws:", "pulumi:providers:aws", "pulumi-python:dynamic/modelberth:Endpoint"),
    "kubernetes": ("kubernetes:", "pulumi:providers:kubernetes", "pulumi-python:dynamic/modelberth:ApiKeys"),
}
"""Cloud to the beginnings of the types that its stacks may hold."""
NAMED_BY_CONTENT = ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "aws:sagemaker/model:Model")
"""Types whose names end in a fingerprint of what they say, which an inventory does not repeat."""


def clouds_of(stack):
    services = read_yaml(files_of(ROOT, stack).config)["config"]["modelberth:stack"]["services"]
    return {cloud_of(service["on"]) for service in services.values()}


OF_LOCAL = [stack for stack in STACKS if "local" in clouds_of(stack)]
OF_AWS = [stack for stack in STACKS if "aws" in clouds_of(stack)]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of what a plan needs, with pins of its own: those of this machine come from models trained on it."""
    copy = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "Pulumi.yaml", copy)
    shutil.copytree(ROOT / "stacks", copy / "stacks", ignore=shutil.ignore_patterns(".venv", "__pycache__", "pins.*"))
    for stack in STACKS:
        files = files_of(copy, stack)
        files.pins.write_text(yaml.safe_dump(dict.fromkeys(versions_in(files, stack), DIGEST)))
    return copy


def versions_in(files, stack):
    """The addresses of all versions that an environment names."""
    services = config_of(files, stack).services
    for name, rollout in read_yaml(files.rollouts).items():
        uri = services[name].model.uri
        yield from (f"{uri}/{version}" for version in (rollout["stable"], rollout.get("candidate")) if version)
    yield from (service.model.uri for name, service in services.items() if name not in read_yaml(files.rollouts))


def config_of(files, stack):
    return hardened(read_yaml(files.config)["config"]["modelberth:stack"], stack)


@pytest.fixture(scope="module")
def planned(project):
    plans = {stack: plan(project, stack, python=sys.executable, env=PATHS) for stack in STACKS}
    return plans.__getitem__


PATHS = {"PYTHONPATH": str(ROOT / "components")}


def test_there_are_stacks_and_each_has_its_inventory():
    assert STACKS
    listed = {path.name.removesuffix(".inventory.yaml") for path in Path(__file__).parent.glob("*.inventory.yaml")}
    assert listed == set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_its_inventory(planned, stack):
    assert_inventory(without_fingerprints(planned(stack)), Path(__file__).parent / f"{stack}.inventory.yaml")


def without_fingerprints(plan):
    """The plan with `iris-(content)` in the place of `iris-g3gt3rla`."""
    resources = [
        replace(resource, urn=re.sub(r"-[a-z2-7]{8}$", "-(content)", resource.urn))
        if resource.type in NAMED_BY_CONTENT
        else resource
        for resource in plan
    ]
    return replace(plan, resources=tuple(resources))


@pytest.mark.parametrize("stack", STACKS)
def test_a_plan_is_the_same_every_time(project, planned, stack):
    again = plan(project, stack, python=sys.executable, env=PATHS)
    assert {resource.key: dict(resource.inputs) for resource in again} == {
        resource.key: dict(resource.inputs) for resource in planned(stack)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_each_service_has_an_endpoint_in_the_outputs_and_its_keys_are_secret(project, planned, stack):
    services = config_of(files_of(project, stack), stack).services
    outputs = planned(stack).outputs
    assert outputs["endpoints"].keys() == services.keys()
    assert {name: endpoint["target"] for name, endpoint in outputs["endpoints"].items()} == {
        name: service.on for name, service in services.items()
    }
    assert isinstance(outputs["api_keys"], Secret)


@pytest.mark.parametrize("stack", STACKS)
def test_traffic_is_split_as_the_rollouts_file_says(project, planned, stack):
    for name, rollout in read_yaml(files_of(project, stack).rollouts).items():
        weight = rollout.get("weight", 0)
        candidate = {rollout["candidate"]: weight} if "candidate" in rollout else {}
        assert planned(stack).outputs["endpoints"][name]["versions"] == {rollout["stable"]: 100 - weight, **candidate}


@pytest.mark.parametrize("stack", OF_LOCAL)
def test_what_makes_keys_keeps_them_secret_in_the_state(planned, stack):
    makers = [resource for resource in planned(stack) if resource.type.endswith(":ApiKeys")]
    assert makers
    assert all("keys" in maker.options.additional_secret_outputs for maker in makers)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_holds_types_of_its_own_clouds_only(project, planned, stack):
    services = config_of(files_of(project, stack), stack).services
    clouds = {cloud_of(service.on) for service in services.values()}
    allowed = (*OF_EVERY_CLOUD, *(kind for cloud in clouds for kind in TYPES[cloud]))
    assert [kind for kind in planned(stack).types if not kind.startswith(allowed)] == []


@pytest.mark.parametrize("stack", STACKS)
def test_children_are_named_after_their_parent_and_a_role_never_by_index(planned, stack):
    parents = {resource.urn: resource for resource in planned(stack)}
    for resource in planned(stack):
        if resource.parent in parents:
            rest = resource.name.removeprefix(parents[resource.parent].name)
            assert rest == "" or rest.startswith("-"), resource.key
            assert not re.fullmatch(r"-?\d+", rest), f"{resource.key} is named by an index"


@pytest.mark.parametrize("stack", STACKS)
def test_labels_are_in_every_endpoint(planned, stack):
    endpoints = [r for r in planned(stack) if r.type.startswith("modelberth:index:") and r.type.endswith("Endpoint")]
    assert endpoints
    for endpoint in endpoints:
        assert endpoint.get("labels.environment") == stack


@pytest.mark.parametrize("stack", OF_AWS)
def test_the_pins_of_a_cloud_are_in_the_repository_and_name_every_version(stack):
    files = files_of(ROOT, stack)
    assert read_yaml(files.pins).keys() >= set(versions_in(files, stack))


@pytest.mark.parametrize("stack", OF_AWS)
def test_everything_in_aws_is_made_by_the_one_provider_of_the_stack(planned, stack):
    [provider] = planned(stack).of_type("pulumi:providers:aws")
    made = [resource for resource in planned(stack) if resource.type.startswith("aws:")]
    assert len(made) > 50
    assert [resource.key for resource in made if resource.options.provider != provider.urn] == []


@pytest.mark.parametrize("stack", OF_AWS)
def test_whatever_carries_tags_says_whose_it_is_and_where_it_stands(project, planned, stack):
    stated = config_of(files_of(project, stack), stack)
    tagged = [resource for resource in planned(stack) if resource.get("tags") is not MISSING]
    assert len(tagged) > 20
    for resource in tagged:
        tags = resource.get("tags")
        assert (tags["owner"], tags["cost-centre"]) == (stated.owner, stated.cost_centre), resource.key
        assert tags["environment"] == stack, resource.key


@pytest.mark.parametrize("stack", STACKS)
def test_without_its_pins_a_stack_says_what_to_run(project, tmp_path, stack):
    copy = shutil.copytree(project, tmp_path / "copy")
    files_of(copy, stack).pins.unlink()
    with pytest.raises((ProgramError, ModelberthError)) as error:
        plan(copy, stack, python=sys.executable, env=PATHS)
    assert "has no digest; run `modelberth pin`" in str(error.value)
    assert "Traceback" not in str(error.value)
