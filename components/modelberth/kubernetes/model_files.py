"""How the files of a model reach a pod: fetched and checked by an init container, or mounted as an OCI image.

Either way what is served has the digest that was pinned. Where they come from is a property of the environment, so it
is part of the foundation; a service names a model and a version only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

import pulumi
from pydantic import StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.core.model import ModelVersion
from modelberth.kubernetes.images import pinned
from modelberth.kubernetes.peers import Reached
from modelberth.kubernetes.quantities import GiB, Resources, mebibytes, requirements
from modelberth.models.reference import parse

VOLUME = "model"
FETCHER = "fetch-model"
CREDENTIALS = "model-credentials"
CREDENTIALS_PATH = "/var/run/secrets/models"
MLFLOW_FOLDER, MLFLOW_FILE = "/tmp/.mlflow", "credentials"  # noqa: S108 - a path in the pod
"""Where MLflow looks for its user, below HOME. Source: mlflow@v3.17.2:mlflow/utils/credentials.py"""


class CredentialsFile(Config):
    """A secret that stands as a file in the container that fetches, and nowhere else."""

    secret: str
    """Name of the Secret, in the namespace of the service."""

    key: str
    """Which of its keys is the file."""

    variable: str | None = None
    """The environment variable that names the file: `AWS_SHARED_CREDENTIALS_FILE`. Left out: none does, and it is
    MLflow's own, `~/.mlflow/credentials`, with a user and a password."""


class ModelStore(Config):
    """Where the files of models are. Exactly one of the three."""

    oci: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$")] | None = None
    """An OCI repository before the model's name: `registry.example/models`. The model's digest is then that of the
    image's manifest, and the kubelet itself refuses another. Needs Kubernetes 1.35, or the feature gate ImageVolume.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#image"""

    prefix: Annotated[str, StringConstraints(pattern=r"^(s3|gs|abfss|https)://[^\s]+[^/\s]$")] | None = None
    """An object store before `<name>/<version>/<digest>`: `s3://models/prod`."""

    mlflow: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    """Address of an MLflow tracking server, which is asked for `models:/<name>/<version>`."""

    credentials: CredentialsFile | None = None
    """What the fetching container shows. Left out: the identity of the service account, or nothing."""

    egress: tuple[Reached, ...] = ()
    """What it must reach: addresses, or pods of the cluster. Left out: nothing."""

    fetched_gib: GiB = 4
    """How much room the files get in a pod. Left out: 4 GiB; a pod that needs more is evicted."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [name for name in ("oci", "prefix", "mlflow") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"got {' and '.join(given) or 'none'}; one of oci, prefix, mlflow is needed")
        if self.mlflow is None and self.credentials is not None and self.credentials.variable is None:
            raise ValueError("credentials has no variable, and only MLflow finds its file without; name one")
        return self


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What a pod needs so that the files of one model are at a path in it."""

    volumes: tuple[Mapping[str, Any], ...]
    """Volumes of the pod."""

    mount: Mapping[str, Any]
    """The mount of the container that serves, read-only."""

    init_containers: tuple[Mapping[str, Any], ...] = ()
    """What runs before it."""


def address_of(model: ModelVersion, store: ModelStore) -> str:
    """Where the files of a model are: an OCI reference, an address in an object store, or `models:/…`."""
    name = parse(model.uri).name
    if store.oci is not None:
        return pinned(f"{store.oci}/{name}@{model.digest}")
    if store.prefix is not None:
        return f"{store.prefix}/{name}/{model.version}/{model.digest.replace(':', '-')}"
    return f"models:/{name}/{model.version}"


def files_of(
    model: ModelVersion, store: ModelStore, path: str, fetcher: pulumi.Input[str], hardened: Mapping[str, Any]
) -> ModelFiles:
    """The files of a model at a path. Pure.

    `fetcher` is an image with this library's extra `serving`; `hardened` is the security context of its container.
    """
    address = address_of(model, store)
    mount = {"name": VOLUME, "mountPath": path, "readOnly": True}
    if store.oci is not None:
        volume = {"name": VOLUME, "image": {"reference": address, "pullPolicy": "IfNotPresent"}}
        return ModelFiles((volume,), mount)
    room = {"name": VOLUME, "emptyDir": {"sizeLimit": mebibytes(store.fetched_gib)}}
    secret = () if store.credentials is None else (_credentials(store.credentials),)
    return ModelFiles((room, *secret), mount, (_fetch(model, store, address, path, fetcher, hardened),))


def _credentials(file: CredentialsFile) -> dict[str, Any]:
    item = {"key": file.key, "path": file.key if file.variable is not None else MLFLOW_FILE}
    return {"name": CREDENTIALS, "secret": {"secretName": file.secret, "items": [item], "defaultMode": 0o440}}


def _shown(file: CredentialsFile) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Where the fetching container has the file, and the variable that tells it, if any does."""
    if file.variable is None:
        return {"name": CREDENTIALS, "mountPath": MLFLOW_FOLDER, "readOnly": True}, []
    variable = {"name": file.variable, "value": f"{CREDENTIALS_PATH}/{file.key}"}
    return {"name": CREDENTIALS, "mountPath": CREDENTIALS_PATH, "readOnly": True}, [variable]


def _fetch(
    model: ModelVersion,
    store: ModelStore,
    address: str,
    path: str,
    fetcher: pulumi.Input[str],
    hardened: Mapping[str, Any],
) -> dict[str, Any]:
    """Downloads, compares the digest, and ends with an error where it is another: then the pod never starts."""
    mounts: list[dict[str, Any]] = [{"name": VOLUME, "mountPath": path}, {"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 - a path in the pod
    # Whatever a library keeps beside the files goes to the one place where it may write.
    environment = [{"name": "HOME", "value": "/tmp"}]  # noqa: S108 - a path in the pod
    if store.mlflow is not None:
        environment.append({"name": "MLFLOW_TRACKING_URI", "value": store.mlflow})
    if store.credentials is not None:
        mount, variables = _shown(store.credentials)
        mounts.append(mount)
        environment += variables
    return {
        "name": FETCHER,
        "image": fetcher,
        "command": ["python", "-m", "modelberth.models.fetch"],
        "args": ["--from", address, "--digest", model.digest, "--to", path],
        "env": environment,
        "resources": requirements(Resources(cpu=0.1, memory_gib=0.5)),
        "securityContext": dict(hardened),
        "volumeMounts": mounts,
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
