"""Checkouts of examples whose engine deploys into a real cluster, where no add-on's operator runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from kubernetes_workspace import KubernetesWorkspace
from stand_in_workspace import REPOSITORY

from cluster.api import Api

FOLDER = REPOSITORY / "examples"
READY = {"conditions": [{"type": "Ready", "status": "True"}]}
"""What an operator says of an object that does its work."""


class ExampleWorkspace(KubernetesWorkspace):
    """One example."""

    @property
    def asked(self) -> dict[str, dict[str, Any]]:
        """What its project asks for: name to its type, its default and what it is."""
        return self._project["config"]

    def configure_stack(self, settings: dict[str, Any]) -> None:
        """Make the stack with these settings; its provider is the stand-in."""
        project = self._project
        self._write_project(project)
        self.pulumi("stack", "init", self.stack)
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        salt = yaml.safe_load(file.read_text()) if file.exists() else {}
        sealed = [key for key in settings if project["config"][key].get("secret")]
        config = {f"{project['name']}:{key}": value for key, value in settings.items() if key not in sealed}
        file.write_text(yaml.safe_dump({**salt, "config": config}))
        for key in sealed:
            self.pulumi("config", "set", "--secret", key, settings[key])

    @property
    def cluster(self) -> dict[str, str]:
        """Kubeconfig and context of its cluster."""
        context = self.environment["MODELBERTH_TEST_CONTEXT"]
        return {"kubeconfig": self.environment["MODELBERTH_TEST_PROVIDER_KUBECONFIG"], "context": context}

    @property
    def _project(self) -> dict[str, Any]:
        return yaml.safe_load((self.folder / "Pulumi.yaml").read_text())


@contextmanager
def operators(place: KubernetesWorkspace, api: Api, *kinds: tuple[str, str]) -> Iterator[None]:
    """Says at once of objects of these kinds that they are ready, for what `clouds.kubernetes.controllers` lacks."""
    over = threading.Event()

    def say() -> None:
        while kinds and not over.wait(0.5):
            for version, kind in kinds:
                for found in api.list(version, kind, place.namespace):
                    about = {key: found["metadata"][key] for key in ("name", "namespace")}
                    told = {"apiVersion": version, "kind": kind, "metadata": about, "status": READY}
                    api.patch(told, "status", "application/merge-patch+json")

    thread = threading.Thread(target=say)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def volumes(place: KubernetesWorkspace, api: Api, *claims: str) -> Iterator[None]:
    """A volume for each of these claims, as a provisioner would make it."""
    made = {claim: f"{place.namespace}-{claim}" for claim in claims}
    for claim, name in made.items():
        spec = {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "10Gi"},
            "hostPath": {"path": "/nowhere"},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": claim,
                "namespace": place.namespace,
            },
        }
        api.create({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec})
    try:
        yield
    finally:
        for name in made.values():
            api.delete("v1", "PersistentVolume", name)
