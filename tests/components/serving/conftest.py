"""A small scikit-learn model, saved once per session, and real servers that end with the test that started them."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def iris(tmp_path_factory):
    import mlflow.sklearn
    from mlflow.models import infer_signature
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    x, y = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=200).fit(x, y)
    path = tmp_path_factory.mktemp("models") / "iris"
    mlflow.sklearn.save_model(
        model,
        str(path),
        signature=infer_signature(x, model.predict(x)),
        serialization_format="skops",
        pip_requirements=["scikit-learn"],
    )
    return path


def python(*arguments, **options):
    """A child that runs the server's code, its output piped."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "components"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        **options,
    )


class Running:
    """A server that listens; its log is read when it has ended."""

    def __init__(self, process):
        self.process = process
        line = process.stdout.readline()
        assert line, process.stderr.read()
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"
        self.port = json.loads(line)["port"]

    def until_ready(self, seconds=60):
        latest = time.monotonic() + seconds
        while httpx.get(f"{self.url}/readyz").status_code != 200:
            assert time.monotonic() < latest, "the server did not become ready"
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.05)
        return self

    def predict(self, content, **headers):
        headers = {"content-type": "application/json"} | headers
        return httpx.post(f"{self.url}/predict", content=content, headers=headers, timeout=30)

    def stop(self):
        """SIGTERM, then the exit code, the log's lines and standard error."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture(scope="session")
def serve():
    @contextmanager
    def start(model, *options, **popen):
        process = python(
            "-m",
            "modelberth.serving",
            "--model",
            str(model),
            "--name",
            "iris",
            "--version",
            "1.0.0",
            "--port",
            "0",
            *options,
            **popen,
        )
        try:
            yield Running(process)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    return start
