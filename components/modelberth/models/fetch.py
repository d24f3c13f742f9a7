"""Fetches the files of one model and checks them: `python -m modelberth.models.fetch --from … --digest … --to …`.

It runs before a model server starts, in an init container, and needs nothing there but this package's extra `serving`
and, for an object store, its client: boto3 for s3:, google-cloud-storage for gs:, azure-storage-file-datalake for
abfss:. What is fetched and differs from the digest is removed again: nothing unchecked is left for a server to load.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from modelberth.core.errors import ModelberthError
from modelberth.models.digest import verify
from modelberth.models.mlflow_registry import client, download_uri

REGISTRY = "models:"
CLIENTS = {
    "s3": "boto3",
    "gs": "google-cloud-storage",
    "abfss": "azure-storage-file-datalake and azure-identity",
}
"""Scheme of an object store to the packages that MLflow reaches it with."""


def fetch(address: str, digest: str, to: Path) -> None:
    """The files at an address, in a folder that held nothing else. Raises `ModelberthError`, and then it is empty."""
    _empty(to)
    try:
        _download(_location(address), to)
        verify(to, digest, address)
    except BaseException:
        _empty(to)
        raise


def _location(address: str) -> str:
    """Where files are: for an address in a registry, what MLFLOW_TRACKING_URI says of it."""
    if not address.startswith(REGISTRY):
        return address
    registry = os.environ.get("MLFLOW_TRACKING_URI")
    if not registry:
        raise ModelberthError(f"model {address}: MLFLOW_TRACKING_URI is not set; set it to the registry's address")
    asked = client(registry)
    from mlflow.exceptions import MlflowException  # two seconds; a bad command line is answered before

    try:
        return download_uri(asked, address)
    except MlflowException as error:
        why = f"the registry answers: {_first_line(error)}"
        raise ModelberthError(f"model {address}: {why}; look at its address and at who may read it") from None


def _download(location: str, to: Path) -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.exceptions import MlflowException  # two seconds; a bad command line is answered before
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    try:
        get_artifact_repository(location).download_artifacts("", str(to))
    except ModuleNotFoundError as error:
        packages = CLIENTS.get(location.partition(":")[0], error.name or "its client")
        raise ModelberthError(f"model {location}: {error.name} is not in this image; install {packages}") from None
    except (MlflowException, OSError) as error:
        raise ModelberthError(f"model {location}: {_first_line(error)}; look whether it is there") from None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is one line in a pod's status
        # Each store's client has exceptions of its own, and what they say may repeat a signed address.
        why = type(error).__name__
        raise ModelberthError(f"model {location}: {why}; look at its address and at who may read it") from None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _empty(folder: Path) -> None:
    """Also a mount, which cannot be removed itself. A container that starts again finds half a model there."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the files are there and are those that were pinned. 1: they are not, and one line says why."""
    parser = argparse.ArgumentParser(prog="modelberth.models.fetch", description="Fetch a model and check its digest.")
    parser.add_argument("--from", dest="address", required=True, help="s3://…, gs://…, abfss://…, a path, or models:/…")
    parser.add_argument("--digest", required=True, help="sha256:… of its files")
    parser.add_argument("--to", required=True, type=Path, help="an existing or new folder; what it holds is removed")
    given = parser.parse_args(arguments)
    try:
        fetch(given.address, given.digest, given.to)
    except ModelberthError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"model {given.address}: files are those that were pinned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
