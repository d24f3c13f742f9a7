"""`limits.yaml` and `exemptions.yaml`: what they mean, and the one message for what is wrong in them."""

from datetime import date

import pytest

from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.exemptions import load_exemptions
from modelberth_policies.limits import Budget, Limits, load_limits
from modelberth_policies.rule import Category, Level, Severity, resource_rule

RULES = frozenset({"kms-rotation"})
TODAY = date(2026, 11, 21)


def written(tmp_path, text):
    file = tmp_path / "file.yaml"
    file.write_text(text)
    return file


def rule(severity, category=Category.SECURITY):
    return resource_rule("r", severity, category, "t", why="W.", fix="F.")(lambda part: ())


def test_a_stack_has_the_limits_of_its_environment(tmp_path):
    file = load_limits(
        written(
            tmp_path,
            "environments:\n"
            "  dev: {stacks: [dev, 'feature-*'], production: false, instances: {gpu: false}}\n"
            "  prod: {budget: {monthly_usd: 100}}\n",
        )
    )
    assert file.of_stack("acme/serving/feature-7").environment == "dev"
    assert not file.of_stack("dev").instances.gpu
    assert file.of_stack("prod").budget.monthly_usd == 100


@pytest.mark.parametrize("stack", ["main", "eu", "org/project/blue"])
def test_a_stack_of_no_environment_is_held_to_production(stack):
    assert load_limits(None).of_stack(stack).production


@pytest.mark.parametrize(
    ("limits", "severity", "category", "level"),
    [
        (Limits(), Severity.HIGH, Category.SECURITY, Level.MANDATORY),
        (Limits(), Severity.MEDIUM, Category.SECURITY, Level.ADVISORY),
        (Limits(production=False), Severity.CRITICAL, Category.SECURITY, Level.ADVISORY),
        (Limits(), Severity.HIGH, Category.COST, Level.ADVISORY),
        (Limits(production=False, budget=Budget(monthly_usd=1)), Severity.HIGH, Category.COST, Level.MANDATORY),
        (Limits(levels={"r": Level.DISABLED}), Severity.HIGH, Category.SECURITY, Level.DISABLED),
    ],
)
def test_levels(limits, severity, category, level):
    assert limits.level(rule(severity, category)) is level


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "environments:\n  prod:\n    budget:\n      monthly: 3\n",
            ":4: environments.prod.budget.monthly: is no field",
        ),
        ("environments:\n  prod:\n    regions: 3\n", ":3: environments.prod.regions: input should be a valid tuple"),
        ("environments:\n  prod:\n    instances: {max_count: 0}\n", ":3: environments.prod.instances.max_count: "),
        ("environments: [\n", ":2: is no YAML: "),
        (
            "environments:\n  prod:\n    levels:\n      kms-rotatoin: disabled\n",
            ":4: environments.prod.levels: there is no",
        ),
        ("environments:\n  prod:\n    levels: {kms-rotation: off}\n", ":3: environments.prod.levels.kms-rotation: "),
    ],
)
def test_a_broken_limits_file_names_line_and_field(tmp_path, text, message):
    file = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as error:
        load_limits(file, RULES)
    assert f"{file}{message}" in str(error.value)


EXEMPTION = """exemptions:
  - rule: {rule}
    resource: "{resource}"
    reason: The key is made by another team in January.
    owner: ml-platform
    expires: {expires}
"""


def exemption(rule="kms-rotation", resource="urn:pulumi:prod::p::*::n", expires="2027-01-31"):
    return EXEMPTION.format(rule=rule, resource=resource, expires=expires)


def test_an_exemption_fits_its_rule_and_resource_only(tmp_path):
    found = load_exemptions(written(tmp_path, exemption()), RULES, TODAY)
    assert found.of("kms-rotation", "urn:pulumi:prod::p::t::n").owner == "ml-platform"
    assert found.of("kms-rotation", "urn:pulumi:prod::p::t::m") is None
    assert found.of("other", "urn:pulumi:prod::p::t::n") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (exemption(rule="kms-rotatoin"), ":2: exemptions.0.rule: there is no rule 'kms-rotatoin'"),
        (exemption(expires="2026-11-20"), ":2: exemptions.0.expires: expired on 2026-11-20"),
        (exemption(expires="2027-05-21"), ":2: exemptions.0.expires: 2027-05-21 is more than 180 days ahead"),
        (exemption(expires="soon"), ":6: exemptions.0.expires: "),
        (exemption(resource="n"), ":3: exemptions.0.resource: must be a pattern of whole URNs"),
        ("exemptions:\n  - rule: kms-rotation\n", ":2: exemptions.0.owner: must be given"),
        ("exemptions:\n  - {rule: a, until: 3}\n", ":2: exemptions.0.until: is no field"),
    ],
)
def test_a_broken_exemptions_file_names_line_and_field(tmp_path, text, message):
    file = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as error:
        load_exemptions(file, RULES, TODAY)
    assert f"{file}{message}" in str(error.value)


def test_an_exemption_that_fits_nothing_is_an_error_in_its_own_stacks_only(tmp_path):
    found = load_exemptions(written(tmp_path, exemption()), RULES, TODAY)
    found.check_used({"dev"}, ["urn:pulumi:dev::p::t::m"])
    found.check_used({"prod"}, ["urn:pulumi:prod::p::t::n"])
    with pytest.raises(ConfigurationError, match="fits no resource of prod"):
        found.check_used({"prod"}, ["urn:pulumi:prod::p::t::m"])
