"""Bad arguments of a front door: each is refused at construction, with one message that says how to mend it."""

import pytest
from components.aws.api_gateway.samples import (
    CERTIFICATE,
    FOUNDATION,
    FUNCTION,
    NETWORK,
    OPEN,
    POOL,
    PRINCIPAL,
    foundation,
    planned,
)

from modelberth.aws.api_gateway.callers import Callers
from modelberth.aws.api_gateway.config import FrontDoorArgs, RestFrontDoorArgs
from modelberth.core.errors import ConfigError

KEYS = {"keys": ["web"]}
COGNITO = {"user_pool_arn": POOL, "scopes": ["models/predict"]}
RATE = {"rate": {"per_key": "100/s", "burst": 10}}
DOMAIN = {"name": "m.example.com", "certificate_arn": CERTIFICATE}
WITHOUT_API_ENDPOINT = {**FOUNDATION, "network": {**NETWORK, "api_endpoint_id": None}}
FIELDS = "foundation, callers, public, rate_limit, versions, request, domain, alarms, logs, labels, endpoint"
APP_CLIENT = (
    "a scope is <resource server>/<name>; an app client cannot be asked for, because a Cognito authorizer takes the "
    "tokens of all app clients of the pool; define a resource server and write its scope"
)

BAD = {
    "nobody": ({"callers": None}, ": nobody is let in; give callers"),
    "nobody on the internet": ({"callers": None, "public": OPEN}, ": nobody is let in; give callers"),
    "callers of no kind": (
        {"callers": {}},
        ".callers: nobody is let in; give keys, cognito, authorizer or principals",
    ),
    "two kinds of tokens": (
        {"callers": {"cognito": COGNITO, "authorizer": {"function_arn": FUNCTION}}},
        ".callers: got cognito and authorizer; a method asks for one of them; leave one, or make a front door for each",
    ),
    "tokens and signatures": (
        {"callers": {"cognito": COGNITO, "principals": [PRINCIPAL]}},
        ".callers: got cognito and principals; a method asks for one of them; leave one, or make a front door for each",
    ),
    "a caller twice": (
        {"callers": {"keys": ["web", "batch", "web"]}},
        ".callers: keys names web twice; each caller has one key",
    ),
    "a caller that is no name": (
        {"callers": {"keys": ["Web Shop"]}},
        ".callers.keys.0: got 8 characters that are no name; write lower-case letters, digits and single hyphens, a "
        "letter first, 40 characters at most",
    ),
    "a plan for nobody": (
        {"callers": {"cognito": COGNITO, "plan": RATE}},
        ".callers: plan limits keys, and there are none; give keys, or leave it out",
    ),
    "a plan for a stranger": (
        {"callers": {**KEYS, "plans": {"batch": RATE}}},
        ".callers: plans names batch, which has no key; add it to keys, or remove it",
    ),
    "a rate of nothing": (
        {"callers": {**KEYS, "plan": {"rate": {"per_key": 0, "burst": 1}}}},
        ".callers.plan.rate.per_key: got 0, input should be greater than 0",
    ),
    "a quota per hour": (
        {"callers": {**KEYS, "plan": {"quota": {"requests": 10, "per": "hour"}}}},
        ".callers.plan.quota.per: input should be 'day', 'week' or 'month'",
    ),
    "an app client": (
        {"callers": {"cognito": {**COGNITO, "scopes": ["4f3ke2m1"]}}},
        f".callers.cognito.scopes: {APP_CLIENT}",
    ),
    "a pool without scopes": (
        {"callers": {"cognito": {**COGNITO, "scopes": []}}},
        ".callers.cognito.scopes: tuple should have at least 1 item after validation, not 0",
    ),
    "a pool's id": (
        {"callers": {"cognito": {**COGNITO, "user_pool_arn": "eu-central-1_abc"}}},
        ".callers.cognito.user_pool_arn: not the ARN of a user pool; write "
        "arn:aws:cognito-idp:<region>:<account>:userpool/<pool>",
    ),
    "a function's name": (
        {"callers": {"authorizer": {"function_arn": "tokens"}}},
        ".callers.authorizer.function_arn: not the ARN of a function; write "
        "arn:aws:lambda:<region>:<account>:function:<name>",
    ),
    "an answer that is kept for too long": (
        {"callers": {"authorizer": {"function_arn": FUNCTION, "cache_seconds": 3601}}},
        ".callers.authorizer.cache_seconds: got 3601, input should be less than or equal to 3600",
    ),
    "a whole account": (
        {"callers": {"principals": ["arn:aws:iam::123456789012:root"]}},
        ".callers.principals.0: not the ARN of one role or user; write arn:aws:iam::<account>:role/<name>, not a whole "
        "account",
    ),
    "all roles": (
        {"callers": {"principals": ["arn:aws:iam::123456789012:role/*"]}},
        ".callers.principals.0: not the ARN of one role or user; write arn:aws:iam::<account>:role/<name>, not a whole "
        "account",
    ),
    "private without a way in": (
        {"foundation": WITHOUT_API_ENDPOINT},
        ": the API is private, and foundation.network.api_endpoint_id, through which it is called, is left out; add "
        "the interface endpoint of execute-api, or give public",
    ),
    "public without auth": (
        {"public": {"reason": "shown at the fair", "rate_limit": 1}},
        ".public.auth: field required",
    ),
    "public without a limit": (
        {"public": {"reason": "shown at the fair", "auth": "keys"}},
        ".public.rate_limit: field required",
    ),
    "public without a reason": (
        {"public": {**OPEN, "reason": "because"}},
        ".public.reason: string should have at least 10 characters",
    ),
    "public to all, with keys": (
        {"public": {**OPEN, "auth": "none"}},
        ": public.auth is none, and callers has keys; write that, or change callers",
    ),
    "public by tokens that nobody has": (
        {"public": {**OPEN, "auth": "jwt"}},
        ": public.auth is jwt, and callers has keys; write that, or change callers",
    ),
    "one key above all together": (
        {"callers": {**KEYS, "plan": RATE}, "public": OPEN},
        ": callers.plan.rate.per_key is 100/s, above public.rate_limit 50/s; lower it",
    ),
    "one key of its own above all together": (
        {"callers": {**KEYS, "plans": {"web": RATE}}, "public": OPEN},
        ": callers.plans.web.rate.per_key is 100/s, above public.rate_limit 50/s; lower it",
    ),
    "one key above all together in private": (
        {"callers": {**KEYS, "plan": RATE}, "rate_limit": "99/s"},
        ": callers.plan.rate.per_key is 100/s, above rate_limit 99/s; lower it",
    ),
    "two limits of all together": (
        {"public": OPEN, "rate_limit": "10/s"},
        ": rate_limit is for a private API, and this one is public; say it in public.rate_limit alone",
    ),
    "one address above all together": (
        {"public": {**OPEN, "per_address": "60/s"}},
        ": public.per_address is 60/s, above rate_limit 50/s; lower it",
    ),
    "one address below what is counted": (
        {"public": {**OPEN, "per_address": "6/m"}},
        ": public.per_address is 0.1/s; the firewall counts from 10 in 60 s on; raise it",
    ),
    "a body longer than the firewall sees": (
        {"public": {**OPEN, "max_body_kib": 128}},
        ".public.max_body_kib: got 128, input should be 16, 32, 48 or 64",
    ),
    "a version that is none": (
        {"versions": {"v1": "stable"}},
        ".versions.v1.[key]: 'v1' is no semantic version; write three numbers: 1.4.0",
    ),
    "a variant that would end its quotes": (
        {"versions": {"1.4.0": 'stable"'}},
        ".versions.1.4.0: not a variant; write letters, digits and hyphens, 63 at most",
    ),
    "a default beside weights": (
        {"versions": {"1.4.0": "stable"}, "request": {"default_version": "1.4.0"}},
        ": request.default_version would undo the weights of the variants; leave it out",
    ),
    "components without a default": (
        {"versions": {"1.4.0": "a", "1.5.0": "b"}, "request": {"target": "inference_component"}},
        ": request.default_version must be one of versions (1.4.0, 1.5.0), as inference components have no weights",
    ),
    "components without versions": (
        {"request": {"target": "inference_component", "default_version": "1.4.0"}},
        ": request.default_version must be one of versions (none), as inference components have no weights",
    ),
    "a schema of a later draft": (
        {"request": {"features": {"type": "array", "items": {"const": 1}}}},
        ".request.features: items.const is not checked by API Gateway, which knows draft 4; write it out",
    ),
    "longer than SageMaker waits": (
        {"request": {"timeout": "2m"}},
        ".request.timeout: input should be less than or equal to 60",
    ),
    "a shape that nobody takes": (
        {"request": {"shape": "rows"}},
        ".request.shape: input should be 'features', 'instances', 'inputs' or 'bare'",
    ),
    "a name for a private API": (
        {"domain": DOMAIN},
        ": domain is for a public API; every network would have to be joined to a private name; leave it out",
    ),
    "a wildcard": (
        {"public": OPEN, "domain": {**DOMAIN, "name": "*.example.com"}},
        ".domain.name: not a domain name; write one like models.example.com, no wildcard",
    ),
    "a certificate of another region": (
        {"public": OPEN, "domain": {**DOMAIN, "certificate_arn": CERTIFICATE.replace("eu-central-1", "us-east-1")}},
        ": domain.certificate_arn is of another region; the API is in eu-central-1; take a certificate from there",
    ),
    "an alarm above everything": (
        {"alarms": {"errors_5xx": 5}},
        ".alarms.errors_5xx: got 5, input should be less than or equal to 1",
    ),
    "a misspelt field": (
        {"caller": KEYS},
        f".caller: no such field; allowed: {FIELDS}; did you mean 'callers'?",
    ),
}


@pytest.mark.parametrize(("fields", "message"), BAD.values(), ids=BAD)
def test_bad_arguments_are_refused_with_one_message(fields, message):
    with pytest.raises(ConfigError) as error:
        planned(**{"callers": KEYS, **fields})
    assert str(error.value) == f"configuration: 1 fault\n  ranker{message}"


def test_the_good_arguments_of_these_tests_are_good():
    assert len(planned(callers=KEYS)) > 40


@pytest.mark.parametrize(
    ("protocols", "got"), [((), "nothing"), (("rest-predict",), "rest-predict"), (("a", "b"), "a, b")]
)
def test_what_does_not_speak_invoke_endpoint_is_refused(protocols, got):
    with pytest.raises(ConfigError) as error:
        planned({"protocols": protocols}, callers=KEYS)
    expected = f"ranker.endpoint: it speaks {got}; allowed: sagemaker-runtime"
    assert str(error.value) == f"configuration: 1 fault\n  {expected}"


def test_what_is_no_endpoint_is_refused():
    with pytest.raises(ConfigError) as error:
        RestFrontDoorArgs.parse({"endpoint": "ranker", "foundation": FOUNDATION, "callers": KEYS}, "ranker")
    assert str(error.value).endswith("ranker.endpoint: input should be an instance of ServingEndpoint")


def test_a_secret_in_the_wrong_place_is_in_no_message():
    for fields in ({"callers": {"keys": ["Hunter2 "]}}, {"callers": {"principals": ["Hunter2"]}}):
        with pytest.raises(ConfigError) as error:
            FrontDoorArgs.parse({"foundation": FOUNDATION, **fields}, "ranker")
        assert "Hunter2" not in str(error.value)


def test_all_faults_are_in_one_message():
    fields = {"callers": {"keys": ["A"]}, "alarms": {"p95": -1}, "logs": {"trace": True}}
    with pytest.raises(ConfigError) as error:
        FrontDoorArgs.parse({"foundation": FOUNDATION, **fields}, "ranker")
    assert str(error.value).startswith("configuration: 3 faults")


@pytest.mark.parametrize(
    ("callers", "found"),
    [
        (KEYS, ("keys",)),
        ({"cognito": COGNITO}, ("jwt",)),
        ({"authorizer": {"function_arn": FUNCTION}}, ("jwt",)),
        ({"principals": [PRINCIPAL]}, ("iam",)),
        ({**KEYS, "cognito": COGNITO}, ("keys", "jwt")),
        ({**KEYS, "principals": [PRINCIPAL]}, ("keys", "iam")),
    ],
)
def test_how_callers_are_told_apart(callers, found):
    made = Callers.parse(callers)
    assert made.authentications == found
    for auth in found:
        FrontDoorArgs(foundation=foundation(), callers=made, public={**OPEN, "auth": auth})
