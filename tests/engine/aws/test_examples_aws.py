"""Each AWS example and the ten lines of the README: up on the real engine, then nothing to change, then nothing left.

A new folder `examples/sagemaker-…` is found by itself; what its `Pulumi.yaml` asks for has an answer in
`tests/example_answers.py`.
"""

import ast
import io
import re
import shutil
import sys
import time
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_workspace import PLUGIN, REPOSITORY, AwsWorkspace
from example_answers import ANSWERS

pytestmark = pytest.mark.engine

FOLDER = REPOSITORY / "examples"
EXAMPLES = sorted(path.parent.name for path in FOLDER.glob("sagemaker-*/Pulumi.yaml"))
LIVED_LONGER = "sagemaker-canary"
SHORT_LIVED = [name for name in EXAMPLES if name != LIVED_LONGER]
LEAST = {"sagemaker-in-your-program": 0.8}
"""Resources per line, at least, where it is not more than 3: this one brings network and key, and half of its lines are
resources by hand."""


@dataclass(frozen=True)
class Life:
    """What became of an example between its first `up` and its `destroy`."""

    told: str
    factor: float
    unchanged: bool
    left: Counter[str]


@pytest.fixture(scope="module")
def example(engine, clouds, tmp_path_factory) -> Callable[[str], AwsWorkspace]:
    """`example("sagemaker-canary")` is a checkout of it whose stack is not made yet."""

    def made(name: str) -> AwsWorkspace:
        folder = tmp_path_factory.mktemp(name)
        shutil.copytree(FOLDER / name, folder, dirs_exist_ok=True)
        return AwsWorkspace(folder, engine, clouds(), "trial")

    return made


@pytest.fixture(scope="module")
def lives(example, request) -> Iterator[dict[str, Future[Life]]]:
    """Name of each example that is asked for to its life; two of them go on at a time."""
    chosen = [item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")]
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {name: pool.submit(live, example(name), name) for name in SHORT_LIVED if name in chosen}


def live(place: AwsWorkspace, name: str) -> Life:
    """Up, another preview, destroy."""
    configured(place, project_of(name))
    told, factor = up(place, name, program_of(name))
    unchanged = place.unchanged()
    place.destroy()
    return Life(told, factor, unchanged, place.cloud.count())


def project_of(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name / "Pulumi.yaml").read_text())


def program_of(name: str) -> str:
    return (FOLDER / name / "__main__.py").read_text()


def configured(place: AwsWorkspace, project: dict[str, Any]) -> AwsWorkspace:
    """The stack, with an answer to everything that its project asks for."""
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    project["plugins"] = {"providers": [{"name": "aws", "path": str(PLUGIN)}]}
    (place.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    asked = [key for key, entry in project.get("config", {}).items() if "default" not in entry]
    settings = {f"{project['name']}:{key}": ANSWERS[key] for key in asked}
    place.pulumi("stack", "init", place.stack)
    file = place.folder / f"Pulumi.{place.stack}.yaml"
    salt = yaml.safe_load(file.read_text()) if file.exists() else {}
    file.write_text(yaml.safe_dump({**salt, "config": settings}))
    return place


def up(place: AwsWorkspace, name: str, source: str) -> tuple[str, float]:
    """Up. Returns what a line of the user's makes, in words and as a number."""
    began = time.monotonic()
    place.up()
    took, in_aws = time.monotonic() - began, place.cloud.count().total()
    made, lines = len(place.state()["deployment"]["resources"]), user_lines(source)
    factor = made / lines
    told = f"{name}: {made} resources, {in_aws} in AWS, of {lines} lines: {factor:.1f} each; up in {took:.1f} s"
    return told, factor


def user_lines(source: str) -> int:
    """Lines in which a user says something: no comment, no import, no bracket alone."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {line for node in imports for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    said = tokenize.generate_tokens(io.StringIO(source).readline)
    return len({token.start[0] for token in said if token.type in SAYS} - imported)


SAYS = {tokenize.NAME, tokenize.NUMBER, tokenize.STRING}


def check_gone(place: AwsWorkspace) -> None:
    """`destroy` leaves nothing."""
    place.destroy()
    assert place.cloud.count() == Counter()


def test_lines_are_those_in_which_something_is_said() -> None:
    assert user_lines('import json\n\n# So be it.\nfound = dict(\n    one=json.loads("1"),\n)\n') == 2


@pytest.mark.parametrize("name", SHORT_LIVED)
def test_example_comes_up_stays_and_goes(lives: dict[str, Future[Life]], name: str) -> None:
    life = lives[name].result()
    print(life.told)
    assert life.factor > LEAST.get(name, 3)
    assert life.unchanged
    assert life.left == Counter()


def test_canary_takes_a_bad_version_back(example: Callable[[str], AwsWorkspace]) -> None:
    place = configured(example(LIVED_LONGER), project_of(LIVED_LONGER))
    told, factor = up(place, LIVED_LONGER, program_of(LIVED_LONGER))
    print(told)
    assert factor > 3
    place.up("--expect-no-changes")
    before = serving(place)
    alarm = place.outputs()["rollback_alarms"][0]
    place.cloud.alarm(alarm, "ALARM")
    place.cloud.faults({"on": "update", "type": "aws:sagemaker/endpoint:Endpoint", "do": "rollback", "reason": "it"})
    place.pulumi("config", "set", "version", "1.5.0")
    said = place.fails()
    assert "SageMaker rolled the update back: it." in said
    assert re.search(rf"Alarms that fired: .*{alarm}.*\. It serves {before} as before", said), said
    assert serving(place) == before
    place.cloud.faults()
    place.pulumi("config", "set", "version", "1.4.0")
    place.up()
    assert serving(place) == before
    assert set(place.cloud.live("sagemaker.EndpointConfiguration")) == {before}
    check_gone(place)


def serving(place: AwsWorkspace) -> str:
    """Name of the endpoint configuration that serves."""
    [endpoint] = place.cloud.live("sagemaker.Endpoint").values()
    return endpoint.properties["endpointConfigName"]


def readme_example() -> str:
    """The AWS program of the README."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    [found] = [block for block in blocks if "modelberth.aws" in block]
    return found


def test_the_readme_makes_a_guarded_endpoint_of_ten_lines(engine, clouds, tmp_path: Path) -> None:
    source = readme_example()
    assert len([line for line in source.splitlines() if line.strip()]) <= 10
    place = AwsWorkspace(tmp_path, engine, clouds(), "prod")
    place.write_program("")
    (tmp_path / "__main__.py").write_text(source)
    project = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())
    configured(place, {**project, "config": {"digest": {"type": "string"}}})
    told, factor = up(place, "README", source)
    print(told)
    assert factor > 5
    check_guarded(place)
    place.up("--expect-no-changes")
    check_gone(place)


def check_guarded(place: AwsWorkspace) -> None:
    """A canary that its own alarms roll back, scaling, isolated containers in private subnets, a key of one's own."""
    [endpoint], [config], [model] = (
        [one.properties for one in place.cloud.live(f"sagemaker.{kind}").values()]
        for kind in ("Endpoint", "EndpointConfiguration", "Model")
    )
    deployment = endpoint["deploymentConfig"]
    assert deployment["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]["type"] == "CANARY"
    named = {alarm["alarmName"] for alarm in deployment["autoRollbackConfiguration"]["alarms"]}
    assert named
    assert named <= set(place.cloud.live("cloudwatch.MetricAlarm"))
    assert place.cloud.count()["appautoscaling.Policy"] == 1
    assert model["enableNetworkIsolation"] is True
    assert set(model["vpcConfig"]["subnets"]) == set(place.cloud.live("ec2.Subnet"))
    assert not {kind for kind in place.cloud.count() if "Gateway" in kind or "PublicAccess" in kind} - PRIVATE
    [key] = place.cloud.live("kms.Key").values()
    assert config["kmsKeyArn"] == key.properties["arn"]
    assert place.cloud.count()["iam.RolePolicyAttachment"] == 0


PRIVATE = {"s3.BucketPublicAccessBlock"}
"""Kinds that have such a word in their names and open nothing."""
