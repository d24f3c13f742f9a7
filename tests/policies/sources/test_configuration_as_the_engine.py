"""Configuration in process and from the real engine: what reaches a program, what is refused, what is taken."""

import json
import sys
from pathlib import Path

import pytest
from engine_workspace import checkout, preview

from modelberth_policies.resources import UNKNOWN, reveal
from modelberth_policies.sources.preview import plan_of_preview
from modelberth_policies.sources.program import ProgramError, plan

pytestmark = pytest.mark.engine

PROJECT = """
name: small
runtime: {name: python, options: {toolchain: pip, virtualenv: %s}}
stackConfigDir: stacks
config:
  size: 3
  flag: true
  number: {default: 1.5}
  list: [1, a, true]
  object: {type: object, default: {b: "<x>&é", a: [true, 1.0, 2.5]}}
  count: {type: integer}
  deep: {type: array, items: {type: array, items: {type: integer}}, default: [[1], [2, 3]]}
  small:own: x
  aws:region: eu-west-1
  aws:tags: {value: {a: 1}}
"""
STACK = """
config:
  small:nothing:
  small:float: 1000.0
  small:fraction: 1.50
  small:big: 12345678901234567890
  small:bits: [0x1F, 0o17, 017, 0b11, 1_000, 08, 1e3, -7, +7, .5]
  small:count: "12"
  small:flags: [True, on, no, ~, FALSE]
  small:date: 2024-01-01
  small:moments: [2024-01-01T10:30:05Z, 2024-01-01 10:30:05.25, 2024-01-01T10:30:05+02:00, 10:30, 2024-13-45]
  small:empty: ""
  small:nested: {z: 1.0, a: null, "<": é, 5: x, big: 1e21}
  bare: without namespace
  aws:config:old: spelling
"""
SHOWN = "import json, os, pulumi\npulumi.export('given', json.loads(os.environ['PULUMI_CONFIG']))\n"
SHOWN += "pulumi.export('secret', json.loads(os.environ['PULUMI_CONFIG_SECRET_KEYS']))\n"


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    with checkout(tmp_path_factory.mktemp("configured").resolve()) as made:
        (made.folder / "Pulumi.yaml").write_text(PROJECT % json.dumps(sys.prefix))
        (made.folder / "stacks").mkdir()
        (made.folder / "__main__.py").write_text(SHOWN)
        yield made


def test_configuration_reaches_a_program_as_from_the_engine(configured):
    (configured.folder / "stacks/Pulumi.dev.yaml").write_text(STACK)
    configured.pulumi("config", "set", "--secret", "token", "hunter2", "--stack", "dev")
    configured.pulumi("config", "set", "--secret", "--path", "keys[0].hash", "hunter2", "--stack", "dev")
    ours = plan(configured.folder, "dev").outputs
    engine = plan_of_preview(preview(configured, stream=True)).outputs
    given, theirs = ours["given"], engine["given"]
    assert reveal(given["small:token"]) is reveal(given["small:keys"]) is UNKNOWN
    secrets = {"small:token", "small:keys"}
    assert set(ours["secret"]) == set(engine["secret"]) == secrets
    assert {k: v for k, v in given.items() if k not in secrets} == {k: v for k, v in theirs.items() if k not in secrets}


@pytest.mark.parametrize(
    ("project", "stack", "engine_says", "message"),
    [
        ("count: {type: integer}", "", "is missing configuration value 'count'", "without a default: small:count"),
        ("a: {type: integer}", "small:a: x", "must be of type 'integer'", "small:a must be integer, got 'x'"),
        ("a: {type: integer}", "small:a: 1.5", "must be of type 'integer'", "small:a must be integer, got 1.5"),
        ("a: {type: boolean}", "small:a: yes", "must be of type 'boolean'", "small:a must be boolean, got 'yes'"),
        ("a: {type: string}", "small:a: [x]", "must be of type 'string'", "small:a must be string, got a list"),
        (
            "a: {type: array, items: {type: integer}}",
            "small:a: [1, x]",
            "must be of type 'array<integer>'",
            "small:a must be array<integer>, got a list",
        ),
        ("a: {type: object}", "small:a: x", "must be of type 'object'", "small:a must be object, got 'x'"),
        ("a: {type: array}", "small:a: []", "does not specify the underlying type", "is an array without `items`"),
        ("a: {default: 1, value: 2}", "", "cannot have both a 'default' and 'value'", "both `default` and `value`"),
        ("a:", "small:a: x", "could not validate", "config small:a is empty; give it a type"),
        ("aws:a: {type: string}", "", "should not define a type", "takes `value` only"),
        ("a: {type: integer, default: x}", "", "not of the expected type", "small:a must be integer, got 'x'"),
        ("a: {type: string, secret: true}", "small:a: x", "must be encrypted", "is declared secret and must be encr"),
    ],
)
def test_configuration_that_the_engine_refuses_is_refused(configured, project, stack, engine_says, message):
    head = (configured.folder / "Pulumi.yaml").read_text().partition("config:\n")[0]
    (configured.folder / "Pulumi.yaml").write_text(f"{head}config:\n  {project}\n")
    (configured.folder / "stacks/Pulumi.dev.yaml").write_text(f"config:\n  {stack}\n" if stack else "")
    with pytest.raises(ProgramError) as info:
        plan(configured.folder, "dev")  # first, because the engine writes the stack's file anew
    refused = configured.pulumi("preview", "--stack", "dev", check=False)
    assert engine_says in refused.stdout + refused.stderr
    assert message in str(info.value)
    assert str(Path("Pulumi.yaml")) in str(info.value)


TAKEN = {
    "number in a text": ("{type: integer}", "'12'"),
    "whole float": ("{type: integer}", "1000.0"),
    "number for a text": ("{type: string}", "5"),
    "truth in a text": ("{type: boolean}", "'true'"),
    "secret in plain text": ("{secret: true}", "plain"),
    "list of truths": ("{type: array, items: {type: boolean}}", "[true, 'false']"),
    "empty default": ("{type: string, default: ''}", None),
}
"""What a project declares, and what a stack says. The engine takes them all in one run, as it would one by one."""


def test_configuration_that_the_engine_takes_is_taken(configured):
    head = (configured.folder / "Pulumi.yaml").read_text().partition("config:\n")[0]
    keys = [name.replace(" ", "-") for name in TAKEN]
    declared = [f"  {key}: {shape}\n" for key, (shape, _) in zip(keys, TAKEN.values(), strict=True)]
    said = [
        f"  small:{key}: {value}\n" for key, (_, value) in zip(keys, TAKEN.values(), strict=True) if value is not None
    ]
    (configured.folder / "Pulumi.yaml").write_text(f"{head}config:\n{''.join(declared)}")
    (configured.folder / "stacks/Pulumi.dev.yaml").write_text(f"config:\n{''.join(said)}")
    engine = plan_of_preview(preview(configured, stream=True)).outputs
    ours = plan(configured.folder, "dev").outputs
    assert ours == engine
    assert {f"small:{key}" for key in keys} <= ours["given"].keys()
