"""The application around a loaded model, in this process."""

import asyncio
import io
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import pytest

from modelberth.serving.app import Serving, build
from modelberth.serving.edge import Edge
from modelberth.serving.metrics import Metrics
from modelberth.serving.model import LoadError, ServedModel, load
from modelberth.serving.settings import Settings

ROW = [5.1, 3.5, 1.4, 0.2]


class Log:
    """Keeps what would be logged."""

    def __init__(self):
        self.lines = []

    def info(self, event, **fields):
        self.lines.append({"event": event} | fields)

    error = info


class Served:
    def __init__(self, model, **settings):
        self.serving = Serving(
            Settings(None, "iris", "1.0.0", **settings), Metrics("iris", "1.0.0"), ThreadPoolExecutor(1)
        )
        self.serving.model = model
        self.log = Log()
        self.app = Edge(build(self.serving), self.serving, self.log)

    def request(self, method, path, **options):
        async def ask():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test") as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def predict(self, content, **headers):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.request("POST", "/predict", content=content, headers={"content-type": "application/json"} | headers)


@pytest.fixture(scope="module")
def model(iris):
    return load(iris, "iris", "1.0.0", max_rows=3)


@pytest.fixture
def served(model):
    served = Served(model, max_body_bytes=4096)
    yield served
    served.serving.executor.shutdown()


def faulty(fault):
    column = {"type": "double", "name": "a"}
    signature = SimpleNamespace(inputs=SimpleNamespace(to_dict=lambda: [column]))

    def predict(_):
        raise fault

    pyfunc = SimpleNamespace(metadata=SimpleNamespace(signature=signature), predict=predict, input_example=None)
    return ServedModel(pyfunc, "iris", "1.0.0", 10)


@pytest.mark.parametrize(
    ("features", "rows"),
    [(ROW, 1), ([ROW, [6.7, 3.0, 5.2, 2.3]], 2)],
)
def test_a_prediction(served, features, rows):
    answer = served.predict({"features": features, "model_version": "v1.0"})
    assert answer.status_code == 200
    assert answer.json() == {"predictions": [0, 2][:rows], "model_version": "1.0.0", "model": "iris"}
    assert served.log.lines[-1] | {"ms": 0} == {
        "event": "request", "request_id": answer.headers["x-request-id"], "method": "POST", "path": "/predict",
        "status": 200, "ms": 0, "rows": rows, "model_version": "1.0.0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"features": ROW, "model_version": "v2"}, 409, "model_version_not_served"),
        ({"features": ROW, "model_version": 1}, 422, "invalid_model_version"),
        ({"features": ROW, "secretword": 1}, 422, "unknown_field"),
        ({}, 422, "missing_field"),
        ([], 422, "invalid_request"),
        ({"features": ["secretword", 1, 1, 1]}, 422, "invalid_features"),
        ({"features": [ROW] * 4}, 413, "too_many_rows"),
        (b'{"features":[NaN,1,1,1]}', 400, "malformed_json"),
        (b'{"features":[1e999,1,1,1]}', 422, "invalid_features"),
        (b'{"features":[' + b"9" * 500 + b",1,1,1]}", 422, "invalid_features"),
        (b'{"features":' + b"[" * 4000, 400, "malformed_json"),
        (b'{"features": secretword', 400, "malformed_json"),
        (b"", 400, "malformed_json"),
        (b" " * 4097, 413, "body_too_large"),
    ],
)
def test_a_faulty_request_is_told_why_and_its_values_are_not_repeated(served, body, status, code):
    answer = served.predict(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json().keys() == {"error"} and answer.json()["error"].keys() == {"code", "message"}
    assert "secretword" not in answer.text + json.dumps(served.log.lines)


def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large(served):
    sent = []

    async def chunks():
        for _ in range(100):
            sent.append(1)
            yield b" " * 1000

    headers = {"content-type": "application/json"}
    answer = served.request("POST", "/predict", content=chunks(), headers=headers)
    assert answer.status_code == 413
    assert len(sent) < 10


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-encoding": "gzip"},
    ],
)
def test_only_plain_json_is_taken(served, headers):
    assert served.predict({"features": ROW}, **headers).status_code == 415


@pytest.mark.parametrize(("fault", "status"), [(ValueError("secretword"), 500), (MemoryError("secretword"), 503)])
def test_a_model_that_raises_is_reported_by_type_only(fault, status):
    served = Served(faulty(fault))
    answer = served.predict({"features": [1]})
    assert answer.status_code == status
    assert "secretword" not in answer.text + json.dumps(served.log.lines)
    assert {"event": "request_failed", "exception": type(fault).__name__}.items() <= served.log.lines[0].items()


def test_a_sane_request_id_is_kept_and_another_replaced(served):
    assert served.predict({"features": ROW}, **{"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert len(served.predict({"features": ROW}, **{"x-request-id": "a" * 65}).headers["x-request-id"]) == 32
    assert len(served.predict({"features": ROW}, **{"x-request-id": 'a"b'}).headers["x-request-id"]) == 32


def test_paths_and_methods(served):
    assert served.request("GET", "/secret?key=1").json()["error"]["code"] == "not_found"
    assert served.log.lines[-1]["path"] == "other"
    assert served.request("GET", "/predict").headers["allow"] == "POST"
    assert served.request("GET", "/docs").status_code == served.request("GET", "/openapi.json").status_code == 404


def test_readiness_follows_the_life_of_the_server(model):
    served = Served(None)
    assert served.request("GET", "/readyz").status_code == 503
    assert served.predict({"features": ROW}).json()["error"]["code"] == "not_ready"
    served.serving.model = model
    assert served.request("GET", "/readyz").status_code == 200
    served.serving.draining = True
    answer = served.request("GET", "/readyz")
    assert (answer.status_code, answer.headers["connection"]) == (503, "close")
    assert served.request("GET", "/healthz").status_code == 200


def test_metrics_count_what_happened(served):
    served.predict({"features": ROW})
    served.predict({"features": "x"})
    page = served.request("GET", "/metrics").text
    assert 'modelberth_requests_total{code="200",path="/predict"} 1.0' in page
    assert 'modelberth_requests_total{code="422",path="/predict"} 1.0' in page
    assert 'modelberth_model_info{name="iris",version="1.0.0"} 1.0' in page
    assert "modelberth_predict_seconds_count 2.0" in page
    assert "modelberth_predictions_in_flight 0.0" in page


def test_predictions_beyond_what_may_wait_are_refused(model):
    served = Served(model, max_waiting=1)
    served.serving.in_flight = 1
    assert served.predict({"features": ROW}).json()["error"]["code"] == "overloaded"


def test_a_model_without_a_signature_is_not_served():
    pyfunc = SimpleNamespace(metadata=SimpleNamespace(signature=None))
    with pytest.raises(LoadError, match="no signature"):
        ServedModel(pyfunc, "iris", "1.0.0", 10)


def test_library_messages_are_withheld_once_the_server_serves():
    import logging

    import structlog

    from modelberth.serving.logs import LibraryLogs

    out = io.StringIO()
    handler = LibraryLogs(
        structlog.wrap_logger(structlog.PrintLogger(out), processors=[structlog.processors.JSONRenderer()])
    )
    record = logging.LogRecord("lib", logging.WARNING, "x.py", 1, "value %s", ("secretword",), None)
    handler.emit(record)
    assert "secretword" in out.getvalue()
    out.truncate(0)
    handler.serving = True
    handler.emit(record)
    assert "secretword" not in out.getvalue() and '"lib"' in out.getvalue()
