"""Credentials are told from what merely refers to one, and nothing that is said shows one."""

import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, UNKNOWN, Partial, Resource, Secret
from modelberth_policies.rules.credentials import credentials_in, looks_like_credential, sounds_secret
from modelberth_policies.subject import Subject, Undeterminable

ALNUM = "Ab3dE6gH9jK2mN5pQ8sT1vW4yZ7"


def encoded(content: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")


JWT = f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded({'sub': 'acme', 'iat': 1})}.{ALNUM}"
# Put together here, so that no scanner takes this file for a leak.
SHAPED = {
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "an AWS secret key": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "a GitHub token": "ghp_" + ALNUM + ALNUM,
    "a GitLab token": "glpat-" + ALNUM,
    "a Hugging Face token": "hf_" + ALNUM + ALNUM,
    "a model provider's API key": "sk-" + "proj-" + ALNUM,
    "a Google key": "AIza" + "SyD-" + ALNUM + "abcd",
    "a Slack token": "xoxb-" + "123456789012-" + ALNUM,
    "a JSON Web Token": JWT,
    "an Azure key": "DefaultEndpointsProtocol=https;AccountKey=" + ALNUM + ALNUM + "==",
    "a presigned address": "https://s3.amazonaws.com/b/k?X-Amz-Signature=" + "0a" * 32,
    "an access token": "npm_" + "a1B2" * 9,
    "a password in an address": "postgres://app:hunter2@db.internal:5432/app",
    "a password in a connection string": "Server=tcp:db;User ID=app;Password=hunter2;",
}


@pytest.mark.parametrize(("what", "value"), SHAPED.items())
def test_a_known_shape_is_a_credential_under_any_name(what, value):
    assert looks_like_credential("GREETING", value) == what
    assert looks_like_credential("GREETING", f'{{"key": "{value}"}}') is not None or what == "an AWS secret key"


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "dbPassword", "PASSWD", "DATABASE_PWD", "KEY_PASSPHRASE", "DBPASSWORD"]
)
@pytest.mark.parametrize("value", ["hunter2", "changeme", "12345678", "acme-prod-db"])
def test_whatever_stands_under_a_password_is_one(name, value):
    assert looks_like_credential(name, value) == "a password"


@pytest.mark.parametrize(
    "name",
    ["API_KEY", "OPENAI_API_KEY", "hfToken", "WANDB_API_KEY", "CLIENT_SECRET", "SECRET_KEY", "APIKEY", "X_CREDENTIALS"],
)
@pytest.mark.parametrize("value", ["a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "letMeIn2024", "Bearer " + ALNUM])
def test_a_random_value_under_a_secret_name_is_a_credential(name, value):
    assert looks_like_credential(name, value) == "a credential"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "{{resolve:secretsmanager:acme/db:SecretString:password}}"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "$(DB_PASSWORD)"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("DB_PASSWORD", "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/db)"),
        ("DB_SECRET", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme/db-a1b2c3"),
        ("DB_SECRET", "acme-prod-db-2"),
        ("secretKey", ".dockerconfigjson"),
        ("DB_SECRET", "projects/acme/secrets/db/versions/3"),
        ("DB_SECRET_ARN", ALNUM),
        ("DB_PASSWORD_FILE", "/etc/db"),
        ("TOKEN_URL", "https://login.acme.example/oauth2/token"),
        ("API_KEY_HEADER", "x-acme-key-2024-header"),
        ("USE_AUTH_TOKEN", "true"),
        ("MAX_TOKENS", "4096000000000000000"),
        ("TOKEN", "4096"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("MODEL_ID", "meta-llama/Meta-Llama-3.1-8B-Instruct"),
        ("SAGEMAKER_CONTAINER", "sk-learn-inference-container-cpu-py3"),
        ("GIT_COMMIT", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"),
        ("DATABASE_URL", "postgres://app@db.internal:5432/app"),
        ("DATABASE_URL", "postgres://app:${PASSWORD}@db.internal:5432/app"),
        ("CONNECTION", "Server=db;Password=${PASSWORD};"),
        ("MODEL_URL", "s3://acme-models/resnet/1/model.tar.gz"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("KMS_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ("PWD", "/opt/ml"),
        ("", "x"),
    ],
)
def test_what_refers_to_a_secret_is_none(name, value):
    assert looks_like_credential(name, value) is None


@given(st.text(), st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text())))
def test_nothing_breaks_it(name, value):
    found = looks_like_credential(name, value)
    assert found is None or found.startswith(("a ", "an "))


@given(st.text(alphabet=string.ascii_letters + string.digits, min_size=36, max_size=80), st.text(max_size=20))
def test_a_token_is_found_wherever_it_stands(token, around):
    assert looks_like_credential("X", f"{around} ghp_{token} {around}") is not None


@given(st.sampled_from(sorted(SHAPED.values())), st.text(alphabet=string.ascii_uppercase + "_", min_size=1))
def test_what_is_said_never_shows_the_value(value, name):
    said = looks_like_credential(name, value)
    assert said is not None and value not in said


@pytest.mark.parametrize(
    ("name", "secret"), [("HF_TOKEN", True), ("hfToken", True), ("TOKEN_FILE", False), ("KEY", False)]
)
def test_names_that_sound_secret(name, secret):
    assert sounds_secret(name) is secret


def said(environment, *given_by):
    resource = Resource("urn:u", "t", "n", inputs={"env": environment}, property_dependencies={"env": given_by})
    owner = Subject(resource, Limits())
    found = []
    try:
        found.extend(credentials_in(owner, "env"))
    except Undeterminable as unknown:
        found.append(f"unknown {unknown.path}")
    return found


PASSWORD = "has a password in the environment variable DB_PASSWORD"


def test_both_forms_of_an_environment_are_read():
    assert said({"DB_PASSWORD": "hunter2", "LEVEL": "info"}) == [PASSWORD]
    assert said([{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "LEVEL", "value": "info"}]) == [PASSWORD]
    assert said([{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]) == []


def test_what_the_program_marks_as_secret_is_one_unless_it_refers_to_one():
    assert said({"GREETING": Secret("hello")}) == ["has a secret in the environment variable GREETING"]
    assert said({"GREETING": Secret(UNKNOWN)}) == ["has a secret in the environment variable GREETING"]
    assert said({"DB": Secret("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3")}) == []
    assert said(Secret({"DB_PASSWORD": "hunter2"})) == [PASSWORD]


def test_an_unknown_value_hides_nothing_and_is_not_passed_over():
    assert said({"DB_PASSWORD": UNKNOWN, "API_KEY": ALNUM}) == [
        "has a credential in the environment variable API_KEY",
        'unknown env["DB_PASSWORD"]',
    ]
    assert said({"API_TOKEN": Partial(f"{GAP}-1")}) == ['unknown env["API_TOKEN"]']
    assert said({"DB_SECRET": Partial(f"arn:aws:secretsmanager:{GAP}")}) == []
    assert said({"TABLE": UNKNOWN}) == ['unknown env["TABLE"]']
    assert said({"TABLE": UNKNOWN, "DB_PASSWORD": UNKNOWN}, "urn:table") == ['unknown env["DB_PASSWORD"]']
    assert said([{"name": "TABLE", "value": UNKNOWN}], "urn:table") == []
    assert said({"ENDPOINT": Partial(f"https://runtime.{GAP}.amazonaws.com")}) == []
    assert said({"ADDRESS": Partial(f"postgres://app:{GAP}@db/app")}) == [
        "has a password in an address in the environment variable ADDRESS"
    ]
    assert said({"SECRET_ARN": Secret(UNKNOWN)}) == ['unknown env["SECRET_ARN"]']
    assert said(UNKNOWN) == ["unknown env"]
    assert said([{"name": UNKNOWN, "value": "x"}, {"name": "DB_PASSWORD", "value": "hunter2"}]) == [
        PASSWORD,
        "unknown env[0]",
    ]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_environment_breaks_the_reading(environment):
    said(environment)
