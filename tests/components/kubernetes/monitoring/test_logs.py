"""Logs: what Fluent Bit is told, where passwords are, and what a backend is told of retention."""

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from components.kubernetes.monitoring.samples import DIGEST, LOOP, inside, known

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.monitoring import put_documents
from modelberth.kubernetes.monitoring.fluent_bit import FROM_FILE_NAME
from modelberth.kubernetes.monitoring.log_backends import Elasticsearch, OpenSearch, documents
from modelberth.kubernetes.monitoring.logs import LogShippingArgs, namespace, shipping_objects

PASSWORD = "correct horse battery"
ELASTIC = {
    "kind": "elasticsearch",
    "host": "elastic.logs.svc",
    "credentials": {"user": "writer", "password": PASSWORD},
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
    return found, known(lambda: found["logs-secret"]["stringData"])


def to(kind, **fields):
    return {"kind": kind, "host": "logs.example.com", **fields}


def test_only_the_namespaces_that_are_named_are_read():
    config = yaml.safe_load(made()[0]["logs-config"]["data"]["fluent-bit.yaml"])
    [tail] = config["pipeline"]["inputs"]
    assert tail["path"] == "/var/log/containers/*_models_*.log,/var/log/containers/*_batch_*.log"


def test_a_pod_and_its_container_are_read_from_the_files_name():
    name = f"/var/log/containers/ranker-1-4-0-7d9f_models_fetch-model-{'a1' * 32}.log"
    found = re.fullmatch(FROM_FILE_NAME.replace("(?<", "(?P<"), name)
    assert found is not None
    assert found.groupdict() == {"pod": "ranker-1-4-0-7d9f", "namespace": "models", "container": "fetch-model"}


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
    files = objects["logs-secret"]["stringData"]
    assert [LOOP.run_until_complete(files[each].is_secret()) for each in ("password", "output.yaml")] == [True, True]
    others = {name: object_ for name, object_ in objects.items() if name != "logs-secret"}
    assert PASSWORD not in json.dumps(others)


def test_a_new_configuration_starts_fluent_bit_anew():
    def annotation(**changes):
        return made(**changes)[0]["logs"]["spec"]["template"]["metadata"]["annotations"]["modelberth.dev/config"]

    assert annotation() == annotation()
    assert annotation() != annotation(source_namespaces=["models"])


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


class Backend(BaseHTTPRequestHandler):
    """Keeps what it is told; like OpenSearch it wants the number of a policy that it knows already."""

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path, _, number = self.path.partition("?")
        known = self.server.told
        if self.server.refusing:
            self.answer(403, {"error": "no rights"})
        elif path in known and path.startswith("/_plugins/") and number != "if_seq_no=7&if_primary_term=1":
            self.answer(409, {"error": "conflict"})
        else:
            known[path] = body
            self.server.by.append(self.headers.get("Authorization"))
            self.answer(200, {})

    def do_GET(self):
        self.answer(200, {"_seq_no": 7, "_primary_term": 1})

    def answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def backend():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    server.told, server.by, server.refusing = {}, [], False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def told(server, folder: Path, kind, days) -> subprocess.CompletedProcess:
    """What the Job does, by the command of its container, against a server on loopback."""
    model = Elasticsearch if kind == "elasticsearch" else OpenSearch
    (folder / "documents.json").write_text(json.dumps(documents(model.model_validate(to(kind)), days)))
    (folder / "user").write_text("writer")
    (folder / "password").write_text(PASSWORD)
    address = f"http://127.0.0.1:{server.server_port}"
    command = [sys.executable, "-I", put_documents.__file__, address, str(folder / "documents.json"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_elasticsearch_is_told_to_delete_and_for_which_indices(backend, tmp_path):
    ran = told(backend, tmp_path, "elasticsearch", 30)
    assert (ran.returncode, ran.stderr) == (0, "")
    phases = backend.told["/_ilm/policy/models"]["policy"]["phases"]
    assert phases["delete"] == {"min_age": "30d", "actions": {"delete": {}}}
    template = backend.told["/_index_template/models"]
    assert template["index_patterns"] == ["models-*"]
    assert template["template"]["settings"]["index.lifecycle.name"] == "models"
    assert set(backend.by) == {"Basic d3JpdGVyOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="}


def test_opensearch_is_told_again_although_it_knows_the_policy_already(backend, tmp_path):
    assert [told(backend, tmp_path, "opensearch", days).returncode for days in (30, 60)] == [0, 0]
    [policy] = [body["policy"] for body in backend.told.values()]
    assert policy["states"][0]["transitions"] == [{"state_name": "old", "conditions": {"min_index_age": "60d"}}]
    assert policy["ism_template"][0]["index_patterns"] == ["models-*"]


def test_a_refusal_ends_the_job_with_the_backends_words_and_no_password(backend, tmp_path):
    backend.refusing = True
    ran = told(backend, tmp_path, "elasticsearch", 30)
    assert ran.returncode == 1
    assert 'HTTP 403: {"error": "no rights"}' in ran.stderr
    assert PASSWORD not in ran.stderr + ran.stdout
    assert "Traceback" not in ran.stderr


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
