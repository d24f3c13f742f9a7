"""The custom resource definitions of add-ons, from their Go modules at the versions and checksums of addons.json.

Only the definitions: no webhook or controller of an add-on runs here. Those of the folder seldon are written by hand.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from engine.build import BuildError, cache_folder, key, once

from . import hand_written
from .api import Api, Manifest, NotServed, Refused
from .build import go

HERE = Path(__file__).resolve().parent
LISTED: dict[str, dict[str, Any]] = json.loads((HERE / "addons.json").read_text())
HAND_WRITTEN = "seldon"
ADDONS = (*LISTED, HAND_WRITTEN)
"""Names that `install` takes."""

LABEL = "test.modelberth.dev/addon"
"""Label on a definition: the add-on and its version."""

KIND = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
SECONDS_TO_ESTABLISH = 120
SCHEMAS_BY_NAME = ("properties", "patternProperties")
SCHEMAS_IN_LISTS = ("allOf", "anyOf", "oneOf")
SCHEMAS = ("items", "additionalProperties", "not")


@dataclass(frozen=True)
class Addon:
    """A Go module that ships definitions."""

    module: str
    version: str
    """As Go writes it, `v1.2.3`."""

    sum: str
    """Checksum of the module's contents, `h1:…`, as in a go.sum."""

    paths: Sequence[str]
    """Files with definitions, or folders with such files, within the module."""


class _Loader(yaml.CSafeLoader):
    """Reads a bare `=` as text: YAML 1.1 has a type of its own for it, which PyYAML knows but cannot make."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def install(api: Api, *names: str, say: Callable[[str], None] = lambda line: None) -> list[str]:
    """Installs add-ons' definitions where they are missing; gives the names of all of them once they are served.

    Two processes may do so at once. Raises BuildError for what cannot be had, TimeoutError for what is not established.
    """
    wanted = {crd["metadata"]["name"]: crd for name in names for crd in definitions(name, say)}
    there = _installed(api)
    for name, crd in wanted.items():
        if name not in there:
            _create(api, crd)
        elif there[name] != crd["metadata"]["labels"][LABEL]:
            api.apply(crd)
    _wait(api, wanted.values())
    return sorted(wanted)


def definitions(name: str, say: Callable[[str], None] = lambda line: None) -> list[Manifest]:
    """The definitions of one add-on, without the schemas' descriptions, which are most of their size.

    They are read once on this machine and cached. Raises BuildError for another name, a failed download or another sum.
    """
    if name == HAND_WRITTEN:
        return [_labelled(crd, name, "hand-written") for crd in hand_written.read(HERE / name, definitions("lws", say))]
    if name not in LISTED:
        raise BuildError(f"no add-on {name!r}; there are {', '.join(ADDONS)}. Add it to {HERE.name}/addons.json.")
    addon = Addon(**LISTED[name])
    contents = {"addon": json.dumps(LISTED[name]).encode(), "code": Path(__file__).read_bytes()}
    folder = cache_folder(os.environ) / "cluster" / f"crds-{name}-{key(contents)}"
    once(folder, say, lambda fresh: _unpack(addon, name, fresh))
    return json.loads((folder / "crds.json").read_text())


def read(files: Iterable[Path]) -> list[Manifest]:
    """The definitions in YAML files; what else such files hold is left out."""
    documents = (document for path in files for document in yaml.load_all(path.read_text(), _Loader))
    return [document for document in documents if isinstance(document, dict) and document.get("kind") == KIND[1]]


def bare(schema: Any) -> Any:
    """A schema without descriptions. A property that is called `description` stays."""
    if not isinstance(schema, dict):  # `additionalProperties: true`
        return schema
    kept = {word: value for word, value in schema.items() if word != "description"}
    for word in SCHEMAS_BY_NAME:
        if word in kept:
            kept[word] = {name: bare(value) for name, value in kept[word].items()}
    for word in SCHEMAS_IN_LISTS:
        if word in kept:
            kept[word] = [bare(value) for value in kept[word]]
    return kept | {word: bare(kept[word]) for word in SCHEMAS if word in kept}


def _unpack(addon: Addon, name: str, folder: Path) -> None:
    made = [_labelled(crd, name, addon.version) for crd in read(_files(_download(addon, folder), addon))]
    if not made:
        raise BuildError(f"{addon.module}@{addon.version} has no definitions in {', '.join(addon.paths)}")
    (folder / "crds.json").write_text(json.dumps(made))


def _download(addon: Addon, folder: Path) -> Path:
    # In a folder without our own go.mod, whose replacements are none of the add-ons'.
    answer = json.loads(go(["mod", "download", "-json", f"{addon.module}@{addon.version}"], folder))
    if answer["Sum"] != addon.sum:
        raise BuildError(f"{addon.module}@{addon.version} has the checksum {answer['Sum']}, wanted is {addon.sum}")
    return Path(answer["Dir"])


def _files(module: Path, addon: Addon) -> Iterator[Path]:
    for path in addon.paths:
        place = module / path
        yield from sorted(place.glob("*.yaml")) if place.is_dir() else [place]


def _labelled(crd: Manifest, name: str, version: str) -> Manifest:
    """A definition as it is applied: no status, no conversion by a webhook, which does not run here."""
    spec = {word: value for word, value in crd["spec"].items() if word != "conversion"}
    spec["versions"] = [_version(version) for version in spec["versions"]]
    kept = {word: crd["metadata"][word] for word in ("name", "annotations") if word in crd["metadata"]}
    labels = {LABEL: f"{name}-{version}"}
    return {"apiVersion": KIND[0], "kind": KIND[1], "metadata": {**kept, "labels": labels}, "spec": spec}


def _version(version: Manifest) -> Manifest:
    return {**version, "schema": {"openAPIV3Schema": bare(version["schema"]["openAPIV3Schema"])}}


def _installed(api: Api) -> dict[str, str]:
    """The definitions that are there, by name, with the add-on and version in their label."""
    # Their schemas are megabytes.
    names_only = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
    answer = api.http.get(api.path(*KIND), params={"labelSelector": LABEL}, headers=names_only).raise_for_status()
    return {item["metadata"]["name"]: item["metadata"]["labels"][LABEL] for item in answer.json()["items"] or []}


def _create(api: Api, crd: Manifest) -> None:
    try:
        api.create(crd)  # a fraction of what a server-side apply of so large an object costs
    except Refused as refused:
        if refused.status != 409:  # another process was first
            raise


def _wait(api: Api, crds: Iterable[Manifest]) -> None:
    end = time.monotonic() + SECONDS_TO_ESTABLISH
    for crd in crds:
        spec = crd["spec"]
        versions = [f"{spec['group']}/{version['name']}" for version in spec["versions"] if version["served"]]
        while missing := [version for version in versions if not _serves(api, version, spec["names"]["kind"])]:
            if time.monotonic() > end:
                name = crd["metadata"]["name"]
                raise TimeoutError(f"{name} is not served as {missing[0]} after {SECONDS_TO_ESTABLISH} s")
            time.sleep(0.2)


def _serves(api: Api, version: str, kind: str) -> bool:
    try:
        api.path(version, kind)
    except NotServed:
        return False
    return True


def established(crd: Manifest) -> bool:
    """Whether the API server has accepted the names of a definition and serves its objects."""
    conditions = {item["type"]: item["status"] for item in crd.get("status", {}).get("conditions") or []}
    return conditions.get("Established") == "True" and conditions.get("NamesAccepted") == "True"
