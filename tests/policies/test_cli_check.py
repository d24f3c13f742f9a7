"""`modelberth check` from the command line to its end: small programs in, reports, messages and exit codes out."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from checked_project import NAT, OPEN, REGION, WRONG, Checked, rules


@pytest.fixture
def shop(tmp_path, capsys):
    return Checked(tmp_path / "shop", capsys)


def test_what_only_advises_exits_with_0(shop):
    shop.program(WRONG)
    assert "kms-rotation" in rules(shop.json("--stack", "dev"))


def test_what_is_mandatory_exits_with_1(shop):
    shop.program(OPEN)
    shop.write("Pulumi.prod.yaml", REGION)
    document = shop.json("--stack", "prod", exits=1)
    [found] = [each for each in document["stacks"][0]["findings"] if each["rule"] == "iam-no-admin-star"]
    assert (found["level"], found["source"], found["name"]) == ("mandatory", "__main__.py:5", "all")


@pytest.mark.parametrize(
    ("fail_on", "exits"),
    [("mandatory", 0), ("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("never", 0)],
)
def test_fail_on_a_severity(shop, fail_on, exits):
    shop.program(WRONG)
    severities = {each["severity"] for each in shop.json("--stack", "dev")["stacks"][0]["findings"]}
    assert "medium" in severities and not severities & {"high", "critical"}
    shop.check("--stack", "dev", "--fail-on", fail_on, exits=exits)


def test_never_does_not_fail_on_what_is_mandatory(shop):
    shop.program(OPEN)
    shop.check("--stack", "prod", "--fail-on", "never", exits=2)  # there is no such stack
    shop.write("Pulumi.prod.yaml", REGION)
    shop.check("--stack", "prod", "--fail-on", "never")


def test_a_broken_budget_exits_with_1(shop):
    shop.program(NAT)
    shop.write("policies/limits.yaml", "environments: {dev: {production: false, budget: {monthly_usd: 10}}}")
    document = shop.json("--stack", "dev", exits=1)
    assert any("budget" in rule for rule in rules(document))
    assert document["stacks"][0]["bill"]["total"]["expected"] > 10


@pytest.mark.parametrize(
    ("format", "opens"),
    [
        ("text", "shop dev"),
        ("json", "{"),
        ("sarif", "{"),
        ("junit", "<?xml"),
        ("markdown", "**"),
        ("html", "<!doctype"),
    ],
)
def test_each_format_goes_to_a_file(shop, tmp_path, format, opens):
    shop.program(WRONG)
    file = tmp_path / "report"
    assert shop.check("--stack", "dev", "--format", format, "--output", str(file)) == ""
    assert file.read_text().startswith(opens)


def test_sarif_points_into_the_repository(shop, tmp_path):
    (tmp_path / ".git").mkdir()
    shop.program(WRONG)
    [run] = json.loads(shop.check("--stack", "dev", "--format", "sarif"))["runs"]
    places = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]}
    assert "shop/__main__.py" in places


def test_explain_says_what_a_rule_is_for(shop):
    said = shop.check("--explain", "kms-rotation")
    assert said.startswith("kms-rotation\n") and "why:" in said and "aws:kms/key:Key" in said
    assert len(shop.check("--explain", "all").splitlines()) > 100
    assert "there is no rule 'kms'" in shop.check("--explain", "kms", exits=2)


def test_two_stacks_at_once(shop):
    shop.program('if pulumi.get_stack() == "prod":\n    ', OPEN)
    shop.write("Pulumi.prod.yaml", REGION)
    document = shop.json("--all-stacks", exits=1)
    assert [each["stack"] for each in document["stacks"]] == ["dev", "prod"]
    assert "iam-no-admin-star" in rules(document, 1) and "iam-no-admin-star" not in rules(document, 0)
    assert shop.json("--stack", "prod", "--stack", "dev", exits=1)["stacks"][0]["stack"] == "prod"


def test_which_stack_must_be_clear(shop):
    shop.program()
    shop.check()
    shop.write("Pulumi.prod.yaml", REGION)
    assert "shop has the stacks dev, prod; name one with --stack" in shop.check(exits=2)


EXEMPTION = """
    exemptions:
      - rule: kms-rotation
        resource: "urn:pulumi:dev::shop::*::{name}"
        reason: The key is replaced in January.
        owner: platform@acme.example
        expires: {expires}
"""


def soon():
    return (datetime.now(UTC) + timedelta(days=30)).date()


def test_an_exemption_sets_its_finding_apart(shop):
    shop.program(WRONG)
    shop.write("policies/exemptions.yaml", EXEMPTION.format(name="signer", expires=soon()))
    shop.write("policies/limits.yaml", "environments: {dev: {production: false, levels: {nonprod-ttl: disabled}}}")
    document = shop.json("--stack", "dev", "--fail-on", "medium")
    assert rules(document, key="exempted") == ["kms-rotation"] and "kms-rotation" not in rules(document)
    assert "platform@acme.example" in shop.check("--stack", "dev")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("limits", "environments: {dev: {prodution: true}}", ":1: environments.dev.prodution: is no field"),
        (
            "limits",
            "environments:\n  dev:\n    levels: {no-rule: mandatory}",
            ":3: environments.dev.levels: there is no rule",
        ),
        ("limits", "environments: [", "is no YAML"),
        ("usage", "environments:\n  dev: {requests: -1}", ":2: environments.dev.requests: input should be greater"),
        (
            "exemptions",
            EXEMPTION.format(name="signer", expires="2020-01-01"),
            "exemptions.0.expires: expired on 2020-01-01",
        ),
        ("exemptions", EXEMPTION.format(name="signer", expires="2099-01-01"), "is more than 180 days ahead"),
        ("exemptions", EXEMPTION.format(name="nobody", expires=soon()), "fits no resource of dev"),
        (
            "exemptions",
            EXEMPTION.format(name="x", expires=soon()).replace("kms-rotation", "kms"),
            "there is no rule 'kms'",
        ),
        ("exemptions", "exemptions: [{rule: kms-rotation}]", "exemptions.0.owner: must be given"),
    ],
)
def test_a_broken_file_names_its_line_and_field(shop, file, text, message):
    shop.program(WRONG)
    written = shop.write(f"policies/{file}.yaml", text)
    said = shop.check("--stack", "dev", exits=2)
    assert said.startswith(f"modelberth: {written}") and message in said


def test_a_named_file_must_be_there(shop):
    shop.program()
    assert "limits.yaml cannot be read" in shop.check("--limits", str(shop.folder / "limits.yaml"), exits=2)


def test_a_report_that_cannot_be_written(shop):
    shop.program()
    nowhere = shop.folder / "no" / "report"
    assert shop.check("--output", str(nowhere), exits=2) == (
        f"modelberth: --output {nowhere}: cannot be written: No such file or directory\n"
    )


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("\n\nraise ValueError('no')\n", "__main__.py:7: ValueError: no"),
        ("import nothing_of_the_kind\n", "__main__.py:5: ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("x = (\n", "__main__.py:5: SyntaxError"),
        ("pulumi.Config().require('size')\n", "Missing required configuration variable 'shop:size'"),
    ],
)
def test_a_program_at_fault_is_told_by_its_own_line(shop, program, message):
    shop.program(program)
    said = shop.check(exits=2)
    assert said.startswith(f"modelberth: {message}") and len(said.splitlines()) <= 3


def test_a_program_that_does_not_end(shop):
    shop.program("def wait(_):\n    while True: pass\n", "pulumi.Output.from_input(1).apply(wait)\n")
    said = shop.check("--timeout", "2", exits=2)
    assert "stack 'dev' of shop was not done after 2 s, at __main__.py:6" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stack", "nowhere"), "has no stack 'nowhere'; its stacks are dev"),
        (("--stack", "dev", "--all-stacks"), "not allowed"),
    ],
)
def test_an_unclear_stack(shop, arguments, message):
    shop.program()
    assert message in shop.check(*arguments, exits=2)


def test_a_folder_without_a_project(shop):
    Path(shop.folder, "Pulumi.yaml").unlink()
    assert (
        shop.check(exits=2) == f"modelberth: {shop.folder} holds no Pulumi.yaml; give the folder of a Pulumi project\n"
    )
