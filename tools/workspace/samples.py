"""The sample models of the local stack: iris 1.0.0 and 1.1.0, and 1.2.0, which is deliberately bad.

python tools/workspace/samples.py local
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from backend import exclusive

from modelberth.cli.pin import config_in
from modelberth.local.foundation import LocalFoundationArgs, directory_of
from modelberth.local.registry import artifact_location, create_registry, is_intact, tracking_uri
from modelberth.models import mlflow_registry, pins
from modelberth.stack.files import files_of

PROJECT = Path.cwd()
NAME = "iris"


def _good() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500)


def _better() -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return make_pipeline(StandardScaler(), SVC())


def _bad() -> Any:
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="constant", constant=0)


@dataclass(frozen=True)
class Sample:
    """A version and the estimator behind it."""

    version: str
    estimator: Callable[[], Any]


SAMPLES = (Sample("1.0.0", _good), Sample("1.1.0", _better), Sample("1.2.0", _bad))


def register(directory: Path) -> list[str]:
    """Train and register the samples that are missing. Returns the versions that were made."""
    create_registry(directory)
    registry = mlflow_registry.client(tracking_uri(directory))
    known = set(mlflow_registry.known_versions(registry, NAME))
    missing = [sample for sample in SAMPLES if sample.version not in known]
    if missing:
        _train(directory, missing, registry)
    return [sample.version for sample in missing]


def _train(directory: Path, samples: list[Sample], registry: Any) -> None:
    import mlflow
    from mlflow.models import infer_signature
    from mlflow.sklearn import log_model
    from sklearn.datasets import load_iris

    features, labels = load_iris(as_frame=True, return_X_y=True)
    mlflow.set_tracking_uri(tracking_uri(directory))
    experiment = registry.get_experiment_by_name(NAME)
    where = experiment.experiment_id if experiment else registry.create_experiment(NAME, artifact_location(directory))
    for sample in samples:
        model = sample.estimator().fit(features, labels)
        with mlflow.start_run(experiment_id=where, run_name=sample.version):
            logged = log_model(
                model,
                name=NAME,
                signature=infer_signature(features, model.predict(features)),
                pip_requirements=["scikit-learn"],  # named, because finding them out takes eight seconds
                serialization_format="skops",  # opened without running code, unlike a pickle
            )
        mlflow_registry.register(registry, NAME, sample.version, registry.get_logged_model(logged.model_id))


def main(stack: str) -> None:
    """Register what is missing and pin every version."""
    began = time.monotonic()
    files = files_of(PROJECT, stack)
    file = files.pins
    args = LocalFoundationArgs.parse(config_in(files, stack).foundation.get("local", {}), "foundation.local")
    if args.registry is not None:
        return  # a registry of the team's own has models of its own
    directory = directory_of(args, PROJECT, stack)
    wanted = [f"models:/{NAME}/{sample.version}" for sample in SAMPLES]
    if is_intact(directory) and set(wanted) <= set(pins.read(file)):
        return  # without importing MLflow, which takes two seconds
    print(f"samples: training and registering {NAME}", flush=True)
    made = register(directory)
    pins.write(file, mlflow_registry.client(tracking_uri(directory)), wanted)
    print(f"samples: registered {NAME} {', '.join(made) or '(nothing new)'} in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    with exclusive():
        main(sys.argv[1])
