"""An MLflow tracking server and model registry, with Postgres and an object store."""

from modelberth.kubernetes.registry.config import Artifacts, ExternalPostgres, MlflowRegistryArgs, OwnPostgres
from modelberth.kubernetes.registry.files import client_file, client_secret
from modelberth.kubernetes.registry.mlflow_registry import MlflowRegistry, objects_of

__all__ = [
    "Artifacts",
    "ExternalPostgres",
    "MlflowRegistry",
    "MlflowRegistryArgs",
    "OwnPostgres",
    "client_file",
    "client_secret",
    "objects_of",
]
