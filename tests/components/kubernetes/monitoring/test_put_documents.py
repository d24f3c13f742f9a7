"""What the Job of retention does, against a server on loopback."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from components.kubernetes.monitoring.test_logs import PASSWORD, to

from modelberth.kubernetes.monitoring import put_documents
from modelberth.kubernetes.monitoring.log_backends import Elasticsearch, OpenSearch, documents


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
