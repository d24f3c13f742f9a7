"""Logs: what Fluent Bit is told, where passwords are, and what a backend is told of retention."""

import base64
import json
import re

import pulumi
import pytest
import yaml
from components.kubernetes.monitoring.samples import DIGEST, LOOP, inside, known

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.monitoring.fluent_bit import FROM_FILE_NAME
from modelberth.kubernetes.monitoring.logs import LogShippingArgs, namespace, shipping_objects

PASSWORD = "correct horse battery"
ELASTIC = {
    "kind": "elasticsearch",
    "host": "elastic.logs.svc",
    "credentials": {"user": "writer", "password": inside(lambda: pulumi.Output.secret(PASSWORD))},
    "retention": {"keep": "30d", "image": f"ghcr.io/acme/serving@{DIGEST}"},
}
ARGS = {
    "namespace": "log-shipping",
    "reason": "Fluent Bit reads the files of containers on their nodes.",
    "image": f"cr.fluentbit.io/fluent/fluent-bit@{DIGEST}",
    "source_namespaces": ["models", "batch"],
    "to": ELASTIC,
    "reaches": [{"cidr": "10.0.0.0/8", "ports": [9200]}],
}


def args(**changes):
    return LogShippingArgs.parse({**ARGS, **changes}, "logs")


def made(**changes):
    """The objects, with their secret files resolved."""
    found = inside(lambda: shipping_objects(args(**changes), "logs"))
    data = known(lambda: found["logs-secret"]["data"])
    return found, {name: base64.b64decode(text).decode() for name, text in data.items()}


def to(kind, **fields):
    return {"kind": kind, "host": "logs.example.com", **fields}


def test_only_the_namespaces_that_are_named_are_read():
    config = yaml.safe_load(made()[0]["logs-config"]["data"]["fluent-bit.yaml"])
    [tail] = config["pipeline"]["inputs"]
    assert tail["path"] == "/var/log/containers/*_models_*.log,/var/log/containers/*_batch_*.log"


def test_a_pod_and_its_container_are_read_from_the_files_name():
    name = f"/var/log/containers/ranker--1-4-0-7d9f_models_fetch-model-{'a1' * 32}.log"
    found = re.fullmatch(FROM_FILE_NAME.replace("(?<", "(?P<"), name)
    assert found is not None
    assert found.groupdict() == {"pod": "ranker--1-4-0-7d9f", "namespace": "models", "container": "fetch-model"}


def test_the_main_file_includes_the_secret_one_and_each_parser_is_there():
    objects, secret = made()
    config = yaml.safe_load(objects["logs-config"]["data"]["fluent-bit.yaml"])
    [mount] = [each for each in container(objects)["volumeMounts"] if each["name"] == "secret"]
    assert config["includes"] == [f"{mount['mountPath']}/output.yaml"]
    assert {each["parser"] for each in config["pipeline"]["filters"]} == {each["name"] for each in config["parsers"]}
    assert "outputs" not in config["pipeline"]
    assert "output.yaml" in secret


def container(objects):
    [found] = objects["logs"]["spec"]["template"]["spec"]["containers"]
    return found


@pytest.mark.parametrize(
    ("backend", "output"),
    [
        (ELASTIC, {"name": "es", "host": "elastic.logs.svc", "port": 9200, "tls": "on", "tls.verify": "on",
                   "http_user": "writer", "http_passwd": PASSWORD, "logstash_prefix": "models"}),
        (to("opensearch", index="ml"), {"name": "opensearch", "logstash_prefix": "ml", "suppress_type_name": "on"}),
        (to("loki", tenant="a"), {"name": "loki", "port": 3100, "tenant_id": "a", "labels": "job=models"}),
        (to("loki", plaintext="the mesh encrypts"), {"name": "loki", "tls": "off"}),
        (to("loki", certificate_authority="PEM"), {"tls.ca_file": "/etc/modelberth-secret/ca.crt", "tls": "on"}),
    ],
)  # fmt: skip
def test_each_backend_gets_its_own_output(backend, output):
    _, secret = made(to=backend)
    [written] = yaml.safe_load(secret["output.yaml"])["pipeline"]["outputs"]
    assert {key: written[key] for key in output} == output
    assert ("http_user" in written) is ("credentials" in backend)


def test_a_password_is_in_the_secret_alone_and_secret():
    objects, _ = made()
    files = objects["logs-secret"]["data"]
    assert [LOOP.run_until_complete(files[each].is_secret()) for each in ("password", "output.yaml")] == [True, True]
    others = {name: object_ for name, object_ in objects.items() if name != "logs-secret"}
    assert PASSWORD not in json.dumps(known(lambda: others))
    assert "stringData" not in objects["logs-secret"]


def test_a_password_in_plain_text_is_refused_and_not_repeated():
    plain = {**ELASTIC, "credentials": {"user": "writer", "password": PASSWORD}}
    with pytest.raises(
        ConfigError, match=r"password.*is plain text, which would stand in files and in the state"
    ) as no:
        args(to=plain)
    assert PASSWORD not in str(no.value)


def test_only_linux_nodes_have_it():
    spec = made()[0]["logs"]["spec"]["template"]["spec"]
    assert (spec["os"], spec["nodeSelector"]) == ({"name": "linux"}, {"kubernetes.io/os": "linux"})


def test_another_configuration_output_authority_or_password_starts_fluent_bit_anew():
    def annotation(**changes):
        template = made(**changes)[0]["logs"]["spec"]["template"]
        return known(lambda: template["metadata"]["annotations"]["modelberth.dev/config"])

    another = {"user": "writer", "password": inside(lambda: pulumi.Output.secret("another"))}
    assert annotation() == annotation()
    changed = (
        {"source_namespaces": ["models"]},
        {"to": {**ELASTIC, "host": "other.logs.svc"}},
        {"to": {**ELASTIC, "credentials": another}},
        {"to": {**ELASTIC, "certificate_authority": "PEM"}},
    )
    assert len({annotation(), *(annotation(**each) for each in changed)}) == 5


def test_the_namespace_is_privileged_and_says_why():
    metadata = namespace(args())["metadata"]
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    assert metadata["annotations"] == {"modelberth.dev/reason": ARGS["reason"]}


def test_it_can_do_nothing_but_read_logs():
    objects, _ = made()
    spec = objects["logs"]["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    context = container(objects)["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    mounts = {each["name"]: each.get("readOnly", False) for each in container(objects)["volumeMounts"]}
    assert mounts == {"config": True, "secret": True, "logs": True, "positions": False}
    policy = objects["logs-network"]["spec"]
    assert policy["ingress"] == []
    assert policy["egress"][1]["to"] == [{"ipBlock": {"cidr": "10.0.0.0/8"}}]


def test_loki_and_a_backend_that_is_told_nothing_have_no_job():
    assert "logs-retention" not in made(to=to("loki"))[0]
    assert "logs-retention" not in made(to=to("opensearch"))[0]


def test_another_retention_is_another_job():
    def job(keep):
        retention = {**ELASTIC["retention"], "keep": keep}
        return made(to={**ELASTIC, "retention": retention})[0]["logs-retention"]["metadata"]["name"]

    assert job("30d") == job("30d")
    assert job("30d") != job("60d")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": "because"}, r"reason: .*at least 10 characters"),
        ({"source_namespaces": []}, r"source_namespaces: .*at least 1 item"),
        ({"image": "fluent/fluent-bit:3.2"}, "logs.image"),
        ({"reaches": []}, r"reaches: .*at least 1 item"),
        ({"to": to("splunk")}, r"to: .*'elasticsearch', 'opensearch', 'loki'"),
        ({"to": to("loki", retention=ELASTIC["retention"])}, r"to.*retention: no such field"),
        ({"to": {**ELASTIC, "retention": {**ELASTIC["retention"], "keep": "36h"}}}, r"write whole days, as '30d'"),
        ({"to": {**ELASTIC, "retention": {**ELASTIC["retention"], "keep": "12h"}}}, r"write whole days, as '30d'"),
        ({"to": to("loki", plaintext="mesh")}, r"plaintext: .*at least 10 characters"),
        ({"to": to("loki", plaintext="the mesh encrypts", certificate_authority="PEM")}, "leave one of them out"),
        ({"to": to("opensearch", index="Models_")}, r"to.*index"),
        ({"namespace": "Logs"}, "logs.namespace"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(changes, message):
    with pytest.raises(ConfigError, match=message):
        args(**changes)
