"""What the tests of the registry deploy: its own database or one that is there, the least and the most."""

from typing import Any

import pulumi

from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.registry.config import MlflowRegistryArgs
from modelberth.kubernetes.registry.mlflow_registry import objects_of
from modelberth_policies.sources.program import run_in_process

MLFLOW = f"ghcr.io/acme/mlflow@sha256:{'a' * 64}"
POSTGRES = f"docker.io/library/postgres@sha256:{'b' * 64}"
PASSWORD = "not-a-password-of-anybody"
FOUNDATION: dict[str, Any] = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "models"},
    "namespace": "models",
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.0.0.0/8"}]},
    "identity": {"role_arn": "arn:aws:iam::123456789012:role/registry"},
}
OWN: dict[str, Any] = {"image": POSTGRES, "storage_gib": 20}
DATABASES = {"cidr": "10.8.0.0/24", "ports": [5432]}
THERE: dict[str, Any] = {"host": "db.example.com", "password": PASSWORD, "reached": [DATABASES]}
LEAST: dict[str, Any] = {
    "foundation": FOUNDATION,
    "image": MLFLOW,
    "database": OWN,
    "artifacts": {"destination": "s3://models/registry"},
    "resources": {"cpu": 2, "memory_gib": 2},
}
MOST: dict[str, Any] = {
    **LEAST,
    "foundation": {
        **FOUNDATION,
        "mesh": "ambient",
        "gateway": {"name": "models", "namespace": "models", "hostname": "models.example.com", "listener": "https"},
        "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
        "pull_secrets": ["registry-pull"],
    },
    "database": {**OWN, "storage_class": "fast", "resources": {"cpu": 1, "memory_gib": 2}, "user": 70},
    "artifacts": {
        "destination": "gs://models/registry",
        "credentials": {"secret": "store", "key": "key.json", "variable": "GOOGLE_APPLICATION_CREDENTIALS"},
        "egress": [{"cidr": "0.0.0.0/0", "ports": [443]}],
        "room_gib": 30,
    },
    "hosts": ["mlflow.example.com"],
    "origins": ["https://notebooks.example.com"],
    "default_permission": "NO_PERMISSIONS",
    "callers": {"namespaces": ["training"]},
    "replicas": 3,
    "protect": True,
    "labels": {
        "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "registry", "model": "all",
        "version": "3", "data_classification": "internal",
    },
}  # fmt: skip
EXTERNAL: dict[str, Any] = {
    **LEAST,
    "database": {**THERE, "authority": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"},
}


def given(fields: Any) -> Any:
    """The same with the password as an Output, which there is only within a program."""
    if fields == PASSWORD:
        return pulumi.Output.secret(PASSWORD)
    return {key: given(item) for key, item in fields.items()} if isinstance(fields, dict) else fields


def args(fields: dict[str, Any] = LEAST, **more: Any) -> MlflowRegistryArgs:
    """The arguments of a registry whose values are all plain."""
    return MlflowRegistryArgs.parse({**fields, **more})


def objects(fields: dict[str, Any] = LEAST, name: str = "registry", **more: Any) -> dict[str, Manifest]:
    """Resource name to object of all that it makes but its Secrets."""
    told: dict[str, Any] = {**fields, **more}
    if PASSWORD not in told["database"].values():
        return objects_of(args(told), name)
    made: dict[str, Manifest] = {}
    # A password is an Output, which there is only within a program.
    run_in_process(lambda: made.update(objects_of(args(given(told)), name)))
    return made
