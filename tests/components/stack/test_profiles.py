"""How strict an environment is: each profile as a function from one configuration to a stricter one or a refusal."""

import itertools

import pytest

from modelberth.core.errors import ConfigError
from modelberth.stack.config import StackConfig
from modelberth.stack.profiles import PROFILES, apply

SERVICE = {"on": "local", "model": {"uri": "models:/iris/1.0.0"}}
KNOWN = {"keys": ["web"], "rate": {"per_key": "10/s", "burst": 10}}
JWT = {"jwt": {"issuer": "i", "audiences": ["a"], "jwks": "f"}, "rate": {"per_key": "10/s", "burst": 10}}
OPEN = {"reason": "shown at the fair", "auth": "none", "rate_limit": "1/s"}
NOBODY = "services.iris.access.public.auth: is none, so nobody can be told apart; write keys or jwt"
NO_LIMIT = "services.iris.access.rate: is left out, so one caller can take it all; give per_key and burst"


def config(profile, **fields):
    return StackConfig.parse(
        {"profile": profile, "owner": "o", "cost_centre": "c", "services": {"iris": {**SERVICE, **fields}}}
    )


def test_dev_changes_nothing():
    written = config("dev")
    assert apply(written, "dev") == written


@pytest.mark.parametrize("profile", ["staging", "prod"])
@pytest.mark.parametrize(
    ("access", "faults"),
    [
        ({"public": OPEN}, [NOBODY, NO_LIMIT]),
        ({"keys": ["web"]}, [NO_LIMIT]),
        ({"public": OPEN, "rate": KNOWN["rate"]}, [NOBODY]),
        ({"keys": ["web"], "public": {**OPEN, "auth": "keys"}}, [NO_LIMIT]),
    ],
)
def test_strict_profiles_refuse_strangers_and_the_unlimited(profile, access, faults):
    with pytest.raises(ConfigError) as error:
        apply(config(profile, access=access), "x")
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    assert str(error.value) == "\n  ".join([f"profile {profile}: {count}", *faults])


@pytest.mark.parametrize("access", [{}, KNOWN, JWT, {"jwt": JWT["jwt"]}])
def test_staging_lets_the_known_and_limited_pass_as_they_are_and_a_service_that_nobody_reaches(access):
    written = config("staging", access=access)
    assert apply(written, "staging") == written


@pytest.mark.parametrize(
    ("scale", "hardened"),
    [
        ({}, (2, 2)),
        ({"min": 0, "max": 1}, (2, 2)),
        ({"min": 1, "max": 8}, (2, 8)),
        ({"min": 3, "max": 8}, (3, 8)),
    ],
)
def test_prod_never_runs_a_lone_instance(scale, hardened):
    applied = apply(config("prod", access=KNOWN, scale=scale), "prod").services["iris"].scale
    assert (applied.min, applied.max) == hardened


def test_prod_never_runs_a_lone_instance_by_schedule_either():
    scale = {"min": 2, "max": 8, "schedule": [{"cron": "0 6 * * *", "min": 0, "max": 1}]}
    entry = apply(config("prod", access=KNOWN, scale=scale), "prod").services["iris"].scale.schedule[0]
    assert (entry.min, entry.max) == (2, 2)


def test_prod_leaves_targets_alone_that_have_no_instances():
    written = config("prod", on="aws:sagemaker/serverless")
    assert apply(written, "prod").services == written.services


def test_prod_protects_what_holds_keys_and_models_whatever_is_written():
    written = config("prod").model_copy(update={"foundation": {"aws": {"account": 1}, "local": {"directory": "d"}}})
    assert apply(written, "prod").foundation == {
        "aws": {"account": 1, "protect": True},
        "local": {"directory": "d"},
    }
    told = written.model_copy(update={"foundation": {"aws": {"protect": False}}})
    assert apply(told, "prod").foundation == {"aws": {"protect": True}}
    assert apply(config("staging").model_copy(update={"foundation": {"aws": {}}}), "staging").foundation == {"aws": {}}


def test_the_faults_of_all_services_stand_in_one_message():
    open_ = config("prod", access={"public": OPEN})
    written = open_.model_copy(update={"services": dict.fromkeys(("a", "b"), open_.services["iris"])})
    with pytest.raises(ConfigError) as error:
        apply(written, "prod")
    assert [fault.path for fault in error.value.faults] == [
        "services.a.access.public.auth",
        "services.a.access.rate",
        "services.b.access.public.auth",
        "services.b.access.rate",
    ]


def test_no_profile_decides_how_traffic_is_edited():
    for profile, edits in itertools.product(PROFILES, ("numbered", "free")):
        written = config(profile, access=KNOWN).model_copy(update={"edits": edits})
        assert apply(written, "x").edits == edits


def test_an_unknown_profile_is_answered_with_the_known_ones():
    with pytest.raises(ConfigError) as error:
        apply(config("stagin"), "qa")
    assert str(error.value) == (
        "Pulumi.qa.yaml: 1 fault\n  profile: got 'stagin'; allowed: dev, staging, prod; did you mean 'staging'?"
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_is_pure_and_applying_it_twice_changes_nothing(profile):
    written = config(profile, access=KNOWN)
    before = written.model_dump()
    once = PROFILES[profile](written)
    assert PROFILES[profile](once) == once
    assert written.model_dump() == before
