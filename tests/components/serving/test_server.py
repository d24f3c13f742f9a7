"""The real process: how it starts, what it withstands, how it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[3]
BODY = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]}).encode()
HEADERS = {"content-type": "application/json"}

SLOW_MODEL = """
import sys, time
import mlflow.pyfunc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

class Slow(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        wanted = float(model_input["x"].iloc[0])
        if wanted < 0:
            return bytearray(2**34)
        time.sleep(wanted)
        return [1.0]

signature = ModelSignature(inputs=Schema([ColSpec("double", "x")]))
mlflow.pyfunc.save_model(sys.argv[1], python_model=Slow(), signature=signature, pip_requirements=["mlflow-skinny"])
"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A model that sleeps for as many seconds as its feature says; below 0 it asks for 16 GiB."""
    path = tmp_path_factory.mktemp("models") / "slow"
    subprocess.run([sys.executable, "-c", SLOW_MODEL, str(path)], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def running(iris, serve):
    with serve(iris) as server:
        yield server.until_ready()


def raw(server, sent):
    """Bytes as they come back, until the server closes or is silent for a second."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
        with suppress(OSError):
            connection.sendall(sent)
        received = b""
        with suppress(OSError):
            while chunk := connection.recv(65536):
                received += chunk
        return received


def test_answers_name_no_server(running):
    answer = running.predict(BODY)
    assert answer.json()["predictions"] == [0]
    assert set(answer.headers) == {"date", "content-length", "content-type", "x-request-id"}


def test_a_hundred_thousand_brackets_are_refused_and_the_server_lives(running):
    for opening in (b"[", b'{"a":'):
        assert running.predict(b'{"features":' + opening * 100_000).status_code == 400
    assert running.predict(BODY).status_code == 200


def test_a_large_body_is_refused_with_its_length_known_or_not(running):
    large = b" " * (3 * 2**20)
    assert running.predict(large).status_code == 413
    assert running.predict(iter([large[: 2**20]] * 3)).status_code == 413
    assert running.predict(BODY).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
    ],
)
def test_broken_connections_leave_the_server_alive(running, sent):
    assert b"Traceback" not in raw(running, sent)
    assert running.predict(BODY).status_code == 200


def test_a_drain_fails_no_request(slow, serve):
    with serve(slow, "--threads", "4") as server:
        server.until_ready()
        failed, answered, closing = [], [], threading.Event()

        def client():
            with httpx.Client(base_url=server.url, headers=HEADERS, timeout=30) as session:
                while True:
                    try:
                        answer = session.post("/predict", content=b'{"features":[0.02]}')
                    except httpx.ConnectError:
                        return  # the server no longer listens: nothing was sent
                    except httpx.HTTPError as error:
                        failed.append(repr(error))
                        return
                    answered.append(answer.status_code)
                    if answer.headers.get("connection") == "close":
                        closing.set()
                        return

        clients = [threading.Thread(target=client) for _ in range(16)]
        for thread in clients:
            thread.start()
        time.sleep(0.5)
        with httpx.Client(base_url=server.url) as probe:
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            assert probe.get("/readyz").status_code == 503
        for thread in clients:
            thread.join(30)
        code, _, err = server.stop()
        assert (failed, set(answered), code, err) == ([], {200}, 0, "")
        assert closing.is_set() and len(answered) >= 32


def test_a_request_in_flight_is_finished_after_sigterm(slow, serve):
    with serve(slow) as server:
        server.until_ready()
        answers = []
        thread = threading.Thread(target=lambda: answers.append(server.predict(b'{"features":[1.5]}')))
        thread.start()
        time.sleep(0.3)
        code, log, err = server.stop()
        thread.join()
        assert [answer.status_code for answer in answers] == [200]
        assert (code, err) == (0, "")
        assert [line["event"] for line in log if line["event"] in ("ready", "drain", "stop")] == [
            "ready",
            "drain",
            "stop",
        ]


def test_a_request_that_outlasts_the_drain_does_not_hold_the_process(slow, serve):
    with serve(slow, "--drain-seconds", "2") as server:
        server.until_ready()

        def ask():
            with suppress(httpx.HTTPError):
                server.predict(b'{"features":[20]}')

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.3)
        started = time.monotonic()
        code, log, _ = server.stop()
        thread.join()
        assert code == 1 and time.monotonic() - started < 3
        assert [line["cut_off"] for line in log if line["event"] == "stop"] == [1]


def test_health_answers_while_a_prediction_runs(slow, serve):
    with serve(slow) as server:
        server.until_ready()
        thread = threading.Thread(target=lambda: server.predict(b'{"features":[1]}'))
        thread.start()
        time.sleep(0.2)
        started = time.monotonic()
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        assert time.monotonic() - started < 0.5
        thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA bounds memory on Linux only")
def test_a_prediction_that_exceeds_the_memory_limit_is_refused_and_the_server_lives(slow, serve):
    with serve(slow, "--memory-limit-mib", "2048") as server:
        server.until_ready()
        assert server.predict(b'{"features":[-1]}').json()["error"]["code"] == "out_of_memory"
        assert server.predict(b'{"features":[0]}').status_code == 200


def failing(*arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "components")}
    command = [sys.executable, "-m", "modelberth.serving", "--name", "iris", "--version", "1.0.0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    return done.returncode, done.stderr


def spoiled(iris, tmp_path, name, content):
    copy = tmp_path / "model"
    shutil.copytree(iris, copy)
    if content is None:
        (copy / name).unlink()
    else:
        (copy / name).write_text(content)
    return copy


@pytest.mark.parametrize(
    ("name", "content"),
    [("MLmodel", None), ("MLmodel", "{"), ("MLmodel", "flavors: {}"), ("model.skops", None), ("model.skops", "junk")],
)
def test_a_model_that_cannot_be_loaded_ends_the_process_with_one_line(iris, tmp_path, name, content):
    code, err = failing("--port", "0", "--model", str(spoiled(iris, tmp_path, name, content)))
    assert (code, len(err.splitlines())) == (3, 1), err
    assert "Traceback" not in err


def test_a_model_without_a_signature_or_without_a_directory_ends_the_process(iris, tmp_path):
    lines = (iris / "MLmodel").read_text().splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if line.startswith("signature:"))
    end = next(at for at in range(start + 1, len(lines)) if not lines[at].startswith(" "))
    unsigned = spoiled(iris, tmp_path, "MLmodel", "".join(lines[:start] + lines[end:]))
    code, err = failing("--port", "0", "--model", str(unsigned))
    assert code == 3 and "no signature" in err and len(err.splitlines()) == 1
    code, err = failing("--port", "0", "--model", str(tmp_path / "absent"))
    assert code == 3 and "no model directory" in err and len(err.splitlines()) == 1


def test_a_port_that_is_taken_ends_the_process_with_one_line(iris):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, err = failing("--port", str(taken.getsockname()[1]), "--model", str(iris))
    assert code == 4 and len(err.splitlines()) == 1


def test_loading_and_predicting_reach_no_network_and_leave_no_files(iris, tmp_path):
    program = """
import sys
from pathlib import Path
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
from modelberth.serving.model import load
model = load(Path(sys.argv[1]), "iris", "1.0.0", 10)
model.warm_up()
print(model.answer(b'{"features":[1,2,3,4]}').rows, calls)
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "components")}
    command = [sys.executable, "-c", program, str(iris)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60)
    assert done.stdout == "1 []\n", done.stderr
    assert list(tmp_path.iterdir()) == []
