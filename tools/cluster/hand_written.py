"""Completes the definitions that are written by hand: parts of pods, and a graph whose units hold units."""

from pathlib import Path
from typing import Any

import yaml

from .api import Manifest

POD = "x-of-pod"
"""Stands for a part of a pod's schema: `spec`, `container`, `resources` or `env`."""

GRAPH = "x-of-graph"
"""Stands for a list of units like the one around it."""

DEPTH = 4
"""Units below one another that a graph may have here; a schema of Kubernetes must be finite."""


def read(folder: Path, pods: list[Manifest]) -> list[Manifest]:
    """The definitions in YAML files. `pods`: LeaderWorkerSet's, from whose schema pods' parts are taken."""
    files = sorted(folder.glob("*.yaml"))
    crds = [crd for path in files for crd in yaml.load_all(path.read_text(), yaml.CSafeLoader)]
    return [completed(crd, parts(pods), []) for crd in crds]


def parts(crds: list[Manifest]) -> Manifest:
    """The schemas that POD can stand for."""
    schema = crds[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for name in ("spec", "leaderWorkerTemplate", "workerTemplate", "spec"):
        schema = schema["properties"][name]
    container = schema["properties"]["containers"]["items"]
    inside = {word: container["properties"][word] for word in ("resources", "env")}
    return {"spec": schema, "container": container, **inside}


def completed(value: Any, pod: Manifest, units: list[Manifest]) -> Any:
    """A schema with everything in place of POD and GRAPH. `units`: the objects around it, the outermost first."""
    if isinstance(value, list):
        return [completed(item, pod, units) for item in value]
    if not isinstance(value, dict):
        return value
    if POD in value:
        return pod[value[POD]]
    if GRAPH in value:
        return {"type": "array", **_units(pod, units)}
    around = [*units, value] if GRAPH in value.get("properties", {}).get("children", {}) else units
    return {word: completed(item, pod, around) for word, item in value.items()}


def _units(pod: Manifest, units: list[Manifest]) -> Manifest:
    if len(units) == DEPTH:
        return {"maxItems": 0, "items": {"type": "object"}}
    return {"items": completed(units[-1], pod, units)}
