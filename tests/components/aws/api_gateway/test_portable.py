"""Who may call a service, in API Gateway's words: every field of its access is honoured or refused by name."""

import pulumi
import pytest
from components.aws.api_gateway.samples import FOUNDATION, FUNCTION, LABELS, NETWORK, Endpoint, foundation
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.aws.api_gateway.callers import LambdaAuthorizer
from modelberth.aws.api_gateway.config import FrontDoorArgs
from modelberth.aws.api_gateway.portable import front_door, front_door_args
from modelberth.core.component import inputs_of
from modelberth.core.labels import Labels
from modelberth.core.service import Access, Refusal, Slo
from modelberth_policies.sources.program import run_in_process

STEADY = settings(derandomize=True, deadline=None)
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc"
COGNITO = {"issuer": ISSUER, "audiences": ["models/predict"], "jwks": f"{ISSUER}/.well-known/jwks.json"}
OTHER = {"issuer": "https://login.example.com", "audiences": ["models"], "jwks": "https://login.example.com/keys"}
RATE = {"per_key": "10/s", "burst": 20}
PUBLIC = {"reason": "shown at the fair", "auth": "keys", "rate_limit": "50/s"}
VERSIONS = {"1.4.0": "stable"}
FUNCTION_OF_MINE = LambdaAuthorizer(function_arn=FUNCTION)


def translated(access, versions=VERSIONS, base=None, **fields):
    made = Labels.parse(LABELS)
    return front_door_args(Access.parse(access), base or foundation(), versions, made, **fields)


def refused(access, **fields):
    result = translated(access, **fields)
    assert isinstance(result, list), result
    assert all(isinstance(refusal, Refusal) for refusal in result)
    return [refusal.field for refusal in result]


def test_where_nobody_is_let_in_there_is_no_door():
    assert translated({}) is None


def test_keys_and_their_rate():
    args = translated({"keys": ["web", "batch"], "rate": RATE})
    assert isinstance(args, FrontDoorArgs)
    assert args.callers.keys == ("web", "batch")
    assert (args.callers.plan.rate.per_key, args.callers.plan.rate.burst) == (10, 20)
    assert args.versions == VERSIONS
    assert args.public is None


def test_keys_without_a_rate_have_no_plan_of_their_own():
    assert translated({"keys": ["web"]}).callers.plan is None


def test_a_cognito_issuer_is_its_pool_and_audiences_are_scopes():
    args = translated({"jwt": COGNITO})
    pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"
    assert (args.callers.cognito.user_pool_arn, args.callers.cognito.scopes) == (pool, ("models/predict",))


def test_a_pool_in_china_is_in_its_partition():
    issuer = "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_abc"
    base = foundation(account={"region": "cn-north-1", "id": "123456789012"})
    jwt = {**COGNITO, "issuer": issuer, "jwks": f"{issuer}/.well-known/jwks.json"}
    pool = translated({"jwt": jwt}, base=base).callers.cognito.user_pool_arn
    assert pool == "arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_abc"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.com",
        "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
        "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/eu-west-1_abc",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc/",
        "https://cognito-idp.eu-west-1.amazonaws.com/",
    ],
)
def test_another_issuer_is_refused_by_name(issuer):
    assert refused({"jwt": {**COGNITO, "issuer": issuer}}) == ["access.jwt"]


def test_another_issuer_is_a_function_that_was_given():
    args = translated({"jwt": OTHER}, authorizer=FUNCTION_OF_MINE)
    assert args.callers.authorizer == FUNCTION_OF_MINE
    assert args.callers.cognito is None


REFUSED = {
    "an app client": (
        {"jwt": {**COGNITO, "audiences": ["models/predict", "4f3ke2m1"]}},
        Refusal(
            "access.jwt.audiences",
            "a Cognito authorizer checks scopes; it takes the tokens of all app clients",
            "write scopes: <resource server>/<name>",
        ),
    ),
    "keys that are not the pool's": (
        {"jwt": {**COGNITO, "jwks": "keys.json"}},
        Refusal(
            "access.jwt.jwks",
            "a Cognito authorizer takes the pool's own keys",
            f"write {ISSUER}/.well-known/jwks.json",
        ),
    ),
    "keys and tokens": (
        {"keys": ["web"], "jwt": COGNITO},
        Refusal("access.jwt", "API Gateway would ask every caller for a key and a token", "give keys or jwt"),
    ),
    "another issuer": (
        {"jwt": OTHER},
        Refusal(
            "access.jwt",
            "API Gateway itself verifies tokens of Amazon Cognito only, and the issuer is another",
            "take a user pool, or a RestFrontDoor of your own with a Lambda authorizer",
        ),
    ),
    "a rate of tokens": (
        {"jwt": COGNITO, "rate": RATE},
        Refusal("access.rate", "usage plans limit keys, and no caller has one", "give keys, or leave it out"),
    ),
    "a rate of nobody": (
        {"rate": RATE},
        Refusal("access.rate", "usage plans limit keys, and no caller has one", "give keys, or leave it out"),
    ),
    "a caller twice": (
        {"keys": ["web", "web"]},
        Refusal("access.keys", "web stands there twice", "name each caller once"),
    ),
    "public by keys that nobody has": (
        {"public": PUBLIC},
        Refusal("access.public", "auth is keys, and callers have none", "write none, or change the callers"),
    ),
    "public to all, with tokens": (
        {"jwt": COGNITO, "public": {**PUBLIC, "auth": "none"}},
        Refusal("access.public", "auth is none, and callers have jwt", "write jwt, or change the callers"),
    ),
    "one key above all together": (
        {"keys": ["web"], "rate": {**RATE, "per_key": "60/s"}, "public": PUBLIC},
        Refusal("access.rate.per_key", "60/s is above public.rate_limit 50/s", "lower it"),
    ),
}


@pytest.mark.parametrize(("access", "refusal"), REFUSED.values(), ids=REFUSED)
def test_what_api_gateway_cannot_honour_is_refused_by_name(access, refusal):
    assert translated(access) == [refusal]


def test_a_private_api_needs_the_networks_endpoint_for_it():
    base = foundation(network={**NETWORK, "api_endpoint_id": None})
    (refusal,) = translated({"keys": ["web"]}, base=base)
    assert (refusal.field, refusal.fix) == ("access", "add the interface endpoint of execute-api, or give public")
    assert "network has no api_endpoint_id" in refusal.why
    assert isinstance(translated({"keys": ["web"], "public": PUBLIC}, base=base), FrontDoorArgs)
    assert translated({}, base=base) is None


def test_a_function_for_callers_without_tokens_is_refused():
    assert refused({"keys": ["web"]}, authorizer=FUNCTION_OF_MINE) == ["access.jwt"]


def test_public_words_are_handed_on():
    args = translated({"keys": ["web"], "public": PUBLIC})
    assert (args.public.reason, args.public.auth, args.public.rate_limit) == ("shown at the fair", "keys", 50)
    nobody = translated({"public": {**PUBLIC, "auth": "none"}})
    assert nobody.callers is None and nobody.public.auth == "none"


def test_what_good_means_becomes_alarms():
    args = translated({"keys": ["web"]}, slo=Slo.parse({"p95": "200ms", "availability": "99.9%"}))
    assert (args.alarms.p95, args.alarms.errors_5xx) == (0.2, 0.001)
    assert translated({"keys": ["web"]}).alarms.errors_5xx == 0.01


ACCESSES = st.fixed_dictionaries(
    {},
    optional={
        "keys": st.lists(st.sampled_from(["web", "batch"]), max_size=2),
        "jwt": st.sampled_from([COGNITO, OTHER, {**COGNITO, "audiences": ["x"]}]),
        "rate": st.fixed_dictionaries({"per_key": st.sampled_from([1, 100]), "burst": st.just(5)}),
        "public": st.fixed_dictionaries(
            {
                "reason": st.just("shown at the fair"),
                "auth": st.sampled_from(["keys", "jwt", "none"]),
                "rate_limit": st.sampled_from([0.01, 50]),
            }
        ),
    },
)


@STEADY
@given(ACCESSES, st.booleans())
def test_every_access_becomes_a_door_or_a_refusal_and_never_an_error(access, function):
    result = translated(access, authorizer=FUNCTION_OF_MINE if function else None)
    if isinstance(result, list):
        assert result and all(refusal.field.startswith("access") for refusal in result)
    elif result is None:
        assert not access.get("keys") and "jwt" not in access and "public" not in access
    else:
        FrontDoorArgs.model_validate(dict(result))


@STEADY
@given(ACCESSES, ACCESSES)
def test_two_accesses_that_differ_are_told_apart_or_refused(first, second):
    if Access.parse(first) == Access.parse(second):
        return
    one, other = translated(first), translated(second)
    if isinstance(one, FrontDoorArgs) and isinstance(other, FrontDoorArgs):
        assert inputs_of(one) != inputs_of(other)


def test_a_door_is_put_before_an_endpoint():
    found = []

    def program():
        door = front_door("ranker", translated({"keys": ["web"], "rate": RATE}), Endpoint())
        pulumi.export("url", door.url)
        found.append(door)

    plan = run_in_process(program)
    assert found[0].pulumi_resource_name == "ranker"
    assert plan["modelberth:index:RestFrontDoor::ranker"].get("callers.keys") == ["web"]
    assert plan["modelberth:index:RestFrontDoor::ranker"].get("endpoint") == "ranker"
    (plan_of_keys,) = plan.of_type("aws:apigateway/usagePlan:UsagePlan")
    assert plan_of_keys.get("throttleSettings") == {"rateLimit": 10, "burstLimit": 20}


def test_options_reach_the_door():
    def program():
        parent = pulumi.ComponentResource("test:index:Parent", "p")
        args = front_door_args(Access.parse({"keys": ["web"]}), foundation(**FOUNDATION), {}, None)
        front_door("ranker", args, Endpoint(), pulumi.ResourceOptions(parent=parent))

    assert "test:index:Parent$modelberth:index:RestFrontDoor::ranker" in [
        found.key for found in run_in_process(program)
    ]
