"""What a registry makes: an MLflow server and its Postgres, with every secret in a file and nowhere else."""

import configparser
import json

import pytest
from components.kubernetes.registry.samples import (
    EXTERNAL,
    FOUNDATION,
    LEAST,
    MOST,
    PASSWORD,
    THERE,
    args,
    given,
    objects,
)  # fmt: skip
from hypothesis import given as every
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.registry import MlflowRegistry
from modelberth.kubernetes.registry.files import DATABASE_URI, auth_file, client_file, connection_file
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import DEFAULTS
from modelberth_policies.resources import Secret
from modelberth_policies.rule import Category
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import run_in_process

RULES = [rule for rule in ALL if rule.category is not Category.COST]


def planned(fields):
    return run_in_process(lambda: MlflowRegistry("registry", given(fields)), stack="prod")


def pod(made, name="registry"):
    return made[name]["spec"]["template"]["spec"]


def container(made, name="registry"):
    [only] = pod(made, name)["containers"]
    return only


@pytest.mark.parametrize("fields", [LEAST, MOST, EXTERNAL], ids=["least", "most", "external"])
def test_it_breaks_no_rule_in_production(fields):
    found = evaluate(planned(fields), RULES, DEFAULTS["prod"])
    assert [f"{each.rule} {each.name}: {each.message}" for each in found] == []


def test_its_parts_are_where_they_are_looked_for():
    assert {name: each["kind"] for name, each in objects().items()} == {
        "registry": "Deployment",
        "registry-account": "ServiceAccount",
        "registry-clients": "NetworkPolicy",
        "registry-database": "StatefulSet",
        "registry-database-account": "ServiceAccount",
        "registry-database-network": "NetworkPolicy",
        "registry-database-service": "Service",
        "registry-disruption": "PodDisruptionBudget",
        "registry-network": "NetworkPolicy",
        "registry-service": "Service",
    }


def test_the_plan_has_every_object_and_the_secrets_beside_them():
    plan = planned(LEAST)
    secrets = {"registry-files", "registry-credentials", "registry-database-password"}
    made = {each.name for each in plan if "apiVersion" in each.inputs}
    assert made == {*objects(), *secrets}
    values = [value for each in plan if each.name in secrets for value in each.inputs["data"].values()]
    assert len(values) == 5
    assert all(isinstance(value, Secret) for value in values)


def test_a_database_that_is_there_is_not_made():
    assert {each["kind"] for each in objects(EXTERNAL).values()} & {"StatefulSet"} == set()


def test_a_password_stands_in_one_secret_and_in_nothing_else():
    plan = planned(EXTERNAL)
    shown = {each.name: repr(each.inputs) for each in plan}
    assert [name for name, text in shown.items() if PASSWORD in text and "Secret(" not in text] == []
    plain = [each for each in objects(EXTERNAL).values() if PASSWORD in json.dumps(each, default=str)]
    assert plain == []


def test_no_variable_comes_from_a_secret_and_no_argument_has_a_password():
    for fields in (LEAST, MOST, EXTERNAL):
        made = objects(fields)
        for name in {"registry", "registry-database"} & made.keys():
            assert all(set(each) == {"name", "value"} for each in container(made, name)["env"])
            assert "envFrom" not in container(made, name)
        command = container(made)["args"]
        assert command[command.index("--backend-store-uri") + 1] == "postgresql+psycopg2:///?service=mlflow"


def test_what_the_server_is_told_is_what_was_given():
    command = container(objects(MOST))["args"]
    told = dict(zip(command[3::2], command[4::2], strict=True))
    assert command[:3] == ["--env-file", "/var/run/secrets/registry/server.env", "server"]
    assert told["--artifacts-destination"] == "gs://models/registry"
    assert told["--app-name"] == "basic-auth"
    assert told["--cors-allowed-origins"] == "https://notebooks.example.com"
    hosts = told["--allowed-hosts"].split(",")
    assert {"registry.models.svc", "registry.models.svc:80", "mlflow.example.com"} <= set(hosts)
    assert "*" not in hosts
    environment = {each["name"]: each["value"] for each in container(objects(MOST))["env"]}
    assert environment["GOOGLE_APPLICATION_CREDENTIALS"] == "/var/run/secrets/store/key.json"
    assert environment["PGSERVICEFILE"] == "/var/run/secrets/registry/pg_service.conf"


@pytest.mark.parametrize(("cpu", "workers"), [(0.5, "1"), (1, "1"), (3.9, "3")])
def test_it_has_a_worker_for_each_whole_core(cpu, workers):
    command = container(objects(resources={"cpu": cpu, "memory_gib": 2}))["args"]
    assert command[command.index("--workers") + 1] == workers


def test_only_the_server_reaches_the_database_and_only_the_database_is_reached_by_it_inside():
    made = objects()
    [asks] = made["registry-database-network"]["spec"]["ingress"]
    assert asks["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "registry"}}}]
    assert [port["port"] for port in asks["ports"]] == [5432]
    reached = [rule for rule in made["registry-network"]["spec"]["egress"] if "podSelector" in rule["to"][0]]
    inside = [rule["to"][0]["podSelector"]["matchLabels"] for rule in reached if set(rule["to"][0]) == {"podSelector"}]
    assert inside == [{"app.kubernetes.io/instance": "registry-database"}]


def test_an_external_database_and_the_store_are_reached_and_the_models_of_others_are_not():
    egress = objects({**EXTERNAL, "artifacts": MOST["artifacts"]})["registry-network"]["spec"]["egress"]
    cidrs = {peer["ipBlock"]["cidr"] for rule in egress for peer in rule["to"] if "ipBlock" in peer}
    assert cidrs == {"10.8.0.0/24", "0.0.0.0/0"}


def test_pods_of_this_library_may_ask_it_and_it_lets_them():
    made = objects()
    may = made["registry-clients"]["spec"]
    [let] = [rule for rule in made["registry-network"]["spec"]["ingress"] if "podSelector" in rule["from"][0]]
    assert let["from"][0]["podSelector"] == may["podSelector"]
    assert may["podSelector"]["matchExpressions"][0]["values"] == ["registry", "registry-database"]


def test_the_database_outlives_what_made_it():
    spec = objects()["registry-database"]["spec"]
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_protection_holds_what_is_lost_for_good():
    protected = {each.name for each in planned(MOST) if each.options.protect}
    assert {"registry-database", "registry-keys", "registry-files"} <= protected
    assert "registry" not in protected


@every(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_whatever_a_password_is_mlflow_reads_it_back(password):
    for text, section, key in (
        (auth_file("READ", password), "mlflow", "admin_password"),
        (client_file("reader", password), "mlflow", "mlflow_tracking_password"),
    ):
        parser = configparser.ConfigParser()
        parser.read_string(text)
        assert parser[section][key] == password
    assert DATABASE_URI in auth_file("READ", password)
    assert f"\npassword={password}\n" in connection_file({"host": "db", "password": password})


@pytest.mark.parametrize("value", ["", " x", "x ", "a\nhost=evil", "a\rb", "a\x00b"])
def test_a_value_that_would_be_another_line_is_refused(value):
    with pytest.raises(ConfigError, match=r"database\.password: is empty, begins or ends with a space"):
        connection_file({"host": "db", "password": value})


WRONG = {
    "every host": (
        {"hosts": ["*"]},
        "hosts has *, which answers to every name, so that any page in a browser could ask; name the hosts",
    ),
    "nobody at the store": (
        {"foundation": {key: value for key, value in FOUNDATION.items() if key != "identity"}},
        "artifacts has no credentials and foundation.namespace no identity, so that the object store would let nobody "
        "in; give one of them",
    ),
    "credentials that nobody finds": (
        {"artifacts": {"destination": "s3://models/r", "credentials": {"secret": "store", "key": "credentials"}}},
        "artifacts.credentials has no variable, so that no store's client finds the file; name one",
    ),
    "a password in plain text": ({"database": THERE}, "database: password: is plain text"),
    "a tag": ({"image": "ghcr.io/acme/mlflow:3"}, "image: has no digest"),
    "a local folder": ({"artifacts": {"destination": "/data"}}, "artifacts.destination: "),
    "a database beyond its reach": (
        {"database": {**THERE, "reached": []}}, "reached: tuple should have at least 1 item"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_could_not_work_is_refused_and_says_why(case):
    fields, told = WRONG[case]
    with pytest.raises(ConfigError) as error:
        args(**fields)
    assert told in str(error.value)


def test_a_name_too_long_for_its_database_is_refused_and_the_longest_one_fits():
    made = objects(name="r" * 40)
    # Pods of a StatefulSet carry its name and a hash of ten as a label.
    assert len(made[f"{'r' * 40}-database"]["metadata"]["name"]) <= 63 - 11
    with pytest.raises(ConfigError, match="40 characters at most; rename it"):
        objects(name="r" * 41)
