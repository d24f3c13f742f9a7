"""Asks a real API server whether it would take manifests as they are, and counts what it took."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from .api import Api, Manifest, NotServed, Refused

ACCEPTED: Counter[tuple[str, str]] = Counter()
"""Objects that were accepted in this process so far, by apiVersion and kind."""

VIOLATION = re.compile(r"would violate PodSecurity")
"""In the warning by which Pod Security speaks of a workload whose pods it is going to refuse."""


@dataclass(frozen=True)
class Refusal:
    """An object that the API server would not take, or whose pods it would not."""

    kind: str
    name: str
    status: int
    """HTTP's; 0 where the kind is not served, 200 where the object is taken and its pods are not."""

    message: str
    """The server's own."""

    def __str__(self) -> str:
        """One line for a failing test."""
        return f"{self.kind} {self.name}: {self.status}: {self.message}"


def strictly_admitted(api: Api, manifests: Iterable[Manifest], namespace: str | None = None) -> list[Refusal]:
    """What the API server refuses of `manifests`, each tried alone by a dry run with fieldValidation=Strict.

    `namespace`: put everything that has a namespace into this one, which must exist; left out, the manifests' own must.
    Where the namespace warns by Pod Security, as the test fixture's do, a Deployment, Job or the like whose pods
    would be refused counts as refused. Nothing is kept; the rest is added to ACCEPTED.
    """
    return [refusal for manifest in manifests if (refusal := _tried(api, manifest, namespace)) is not None]


def lines(accepted: Counter[tuple[str, str]]) -> list[str]:
    """A total and a line for each kind, for the end of a test run."""
    kinds = [f"  {count:6} {kind} ({version})" for (version, kind), count in sorted(accepted.items())]
    return [f"{accepted.total()} objects of {len(accepted)} kinds accepted with fieldValidation=Strict", *kinds]


def _tried(api: Api, manifest: Manifest, namespace: str | None) -> Refusal | None:
    metadata = manifest["metadata"]
    name = metadata.get("name") or metadata.get("generateName", "")
    try:
        answer = api.created(_moved(api, manifest, namespace), dry_run=True)
    except Refused as refused:
        return Refusal(manifest["kind"], name, refused.status, refused.message)
    except NotServed as absent:
        return Refusal(manifest["kind"], name, 0, str(absent))
    if violation := _violation(answer):
        return Refusal(manifest["kind"], name, answer.status_code, violation)
    ACCEPTED[manifest["apiVersion"], manifest["kind"]] += 1
    return None


def _violation(answer: httpx.Response) -> str | None:
    return next((text for text in answer.headers.get_list("Warning") if VIOLATION.search(text)), None)


def _moved(api: Api, manifest: Manifest, namespace: str | None) -> Manifest:
    if namespace is None or not api.has_namespaces(manifest["apiVersion"], manifest["kind"]):
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}
