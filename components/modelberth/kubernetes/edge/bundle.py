"""One version of what runs on a box, as files that can be carried there: the same content has the same name. Pure.

    bundle = bundle_of(objects_of(args, "ranker").values())
    write(bundle, Path("published"))        # bundles/<sha256>/… and current.json, to any store or web server

A box takes `manifests.json` with `kubectl apply --server-side -f`, after its images were loaded (`k3s ctr images
import`) and `sha256sum --check SHA256SUMS` was content.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelberth.core.config import is_output
from modelberth.core.errors import ConfigError, Fault
from modelberth.kubernetes.edge.sums import (
    ALGORITHM,
    FOLDER,
    IMAGES,
    MANIFESTS,
    POINTER,
    SUMS,
    TamperedError,
    sum_of,
    verify,
)
from modelberth.kubernetes.images import pinned
from modelberth.kubernetes.manifest import Manifest

FIRST = ("ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "NetworkPolicy", "Service")
"""Kinds that come before what uses them; all others come after, in the order in which they were given."""


@dataclass(frozen=True, slots=True)
class EdgeBundle:
    """The files of one version."""

    files: Mapping[str, bytes]
    """Name to content: `manifests.json`, `images.txt`, `SHA256SUMS`."""

    @property
    def digest(self) -> str:
        """`sha256:` and the sum of the file of sums, which pins all the others."""
        return f"{ALGORITHM}{sum_of(self.files[SUMS])}"

    @property
    def images(self) -> tuple[str, ...]:
        """What must be on the box before: images by digest, those that are mounted too."""
        return tuple(self.files[IMAGES].decode().splitlines())


def bundle_of(manifests: Iterable[Manifest]) -> EdgeBundle:
    """The bundle of some objects.

    Raises `ConfigError` with all that cannot be in one: what is known to Pulumi only later, Secrets (a bundle is
    published), an image without a digest, one that a box would pull, an object twice.
    """
    ordered = sorted(manifests, key=lambda each: FIRST.index(each["kind"]) if each["kind"] in FIRST else len(FIRST))
    if faults := list(_faults(ordered)):
        raise ConfigError(faults, "bundle")
    listed = {"apiVersion": "v1", "kind": "List", "items": ordered}
    content = {
        IMAGES: "".join(f"{image}\n" for image in sorted(set(images_of(ordered)))).encode(),
        MANIFESTS: (json.dumps(listed, indent=1, sort_keys=True) + "\n").encode(),
    }
    sums = "".join(f"{sum_of(data)}  {name}\n" for name, data in sorted(content.items()))
    return EdgeBundle({**content, SUMS: sums.encode()})


def checked(files: Mapping[str, bytes], digest: str) -> EdgeBundle:
    """The bundle in some files, if it is the one that a digest names. Raises `ConfigError` for any other."""
    try:
        verify(files, digest)
    except TamperedError as error:
        raise ConfigError([Fault(error.file, error.why, "carry the bundle over again")], "bundle") from None
    return EdgeBundle(files)


def write(bundle: EdgeBundle, to: Path) -> Path:
    """Writes a bundle below a folder, then points to it, and gives its own folder. What is there stays."""
    folder = to / FOLDER / bundle.digest.removeprefix(ALGORITHM)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in bundle.files.items():
        _replace(folder / name, data)
    # Last: who follows it finds a whole bundle.
    _replace(to / POINTER, (json.dumps({"bundle": bundle.digest}) + "\n").encode())
    return folder


def _replace(path: Path, data: bytes) -> None:
    """At once, so that nobody reads half of it."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


def images_of(manifests: Iterable[Manifest]) -> Iterator[str]:
    """Every image that some objects name: of containers, and of volumes that are one."""
    for pod in _pods(manifests):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            yield container["image"]
        yield from (volume["image"]["reference"] for volume in pod.get("volumes", []) if "image" in volume)


def _pods(manifests: Iterable[Manifest]) -> Iterator[dict[str, Any]]:
    for each in manifests:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if isinstance(template, Mapping) and "containers" in template.get("spec", {}):
            yield dict(template["spec"])


def _faults(manifests: list[Manifest]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for each in manifests:
        path = f"{each['kind']}.{each['metadata']['name']}"
        if late := next(_late(each, path), None):
            yield Fault(late, "is known to Pulumi only later", "write it out: a bundle is made of plain values")
            continue
        if each["kind"] == "Secret":
            yield Fault(path, "a bundle is published, and holds no Secret", "make it on the box")
        if (each["kind"], each["metadata"]["name"]) in seen:
            yield Fault(path, "is there twice", "take one of them out")
        seen.add((each["kind"], each["metadata"]["name"]))
        yield from _pulled(each, path)


def _pulled(made: Manifest, path: str) -> Iterator[Fault]:
    for pod in _pods([made]):
        for image in images_of([made]):
            try:
                pinned(image)
            except ValueError as error:
                yield Fault(path, f"{image} {error}")
        policies = [container.get("imagePullPolicy") for container in pod["containers"]]
        policies += [volume["image"].get("pullPolicy") for volume in pod.get("volumes", []) if "image" in volume]
        if any(policy != "Never" for policy in policies):
            yield Fault(path, "would pull an image on a box that is offline", "set its pull policy to Never")


def _late(value: Any, path: str) -> Iterator[str]:
    if is_output(value):
        yield path
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in parts:
        yield from _late(item, f"{path}.{key}")
