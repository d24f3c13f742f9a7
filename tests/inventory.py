"""Inventories: the claims of a test about a plan, in YAML, under the tail of each resource's URN.

    exact: true                                        # optional: these resources and no others
    modelberth:index:Site$aws:s3/bucket:Bucket::logs:  # a resource, with the types of its parents
      acl: private                                     # only the inputs that matter
      kmsKeyId: !unknown                               # also !secret (never shown) and !missing

Mappings are compared by what is listed, at any depth; lists item by item, in full length.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from modelberth_policies.resources import MISSING, UNKNOWN, Plan, Resource, Secret
from modelberth_policies.sources.project import Yaml12Loader

UPDATE = "MODELBERTH_UPDATE_INVENTORY"
_ANY_SECRET = Secret(MISSING)
_TAGS = {"!unknown": UNKNOWN, "!missing": MISSING, "!secret": _ANY_SECRET}


class _Loader(Yaml12Loader):
    pass


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


for _tag, _value in _TAGS.items():
    _Loader.add_constructor(_tag, lambda _loader, _node, value=_value: value)
_Dumper.add_representer(
    type(UNKNOWN), lambda dumper, value: dumper.represent_scalar("!missing" if value is MISSING else "!unknown", "")
)
_Dumper.add_representer(Secret, lambda dumper, _value: dumper.represent_scalar("!secret", ""))


def assert_inventory(plan: Plan, path: str | Path) -> None:
    """Fails with every difference between the plan and the inventory file, and the command that rewrites the file."""
    path = Path(path)
    claims: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}
    exact = claims.pop("exact", False)
    assert claims, f"{path} lists no resource, so it claims nothing"
    resources = {resource.key: resource for resource in plan}
    differences = [*_differences(claims, resources, exact)]
    if differences and os.environ.get(UPDATE):
        return _rewrite(path, claims, resources, exact)
    test = os.environ.get("PYTEST_CURRENT_TEST", "tests").rpartition(" ")[0]
    command = f"{UPDATE}=1 python -m pytest '{test}'"
    assert not differences, "\n".join([f"{path}:", *differences, f"if the plan is right: {command}"])
    return None


def _differences(claims: Mapping[str, Any], resources: Mapping[str, Resource], exact: bool) -> Iterator[str]:
    for key, expected in claims.items():
        if key not in resources:
            yield f"  {key}: expected, not in the plan, which holds {', '.join(resources) or 'nothing'}"
        else:
            yield from _compare(f"{key} ", expected or {}, dict(resources[key].inputs))
    if exact:
        yield from (f"  {key}: in the plan, not in the inventory" for key in resources if key not in claims)


def _compare(path: str, expected: Any, got: Any) -> Iterator[str]:
    if expected is _ANY_SECRET and isinstance(got, Secret):
        return
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key, value in expected.items():
            yield from _compare(f"{path}{'' if path.endswith(' ') else '.'}{key}", value, got.get(key, MISSING))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (left, right) in enumerate(zip(expected, got, strict=True)):
            yield from _compare(f"{path}[{index}]", left, right)
    elif type(expected) is not type(got) or expected != got:
        yield f"  {path}: expected {expected!r}, got {got!r}"


def _rewrite(path: Path, claims: Mapping[str, Any], resources: Mapping[str, Resource], exact: bool) -> None:
    """The listed inputs as they are now; of an exact inventory, its list of resources too. Keeps the head comment."""
    listed = resources if exact else {key: resources[key] for key in claims if key in resources}
    kept = {key: _listed(claims.get(key) or {}, dict(resource.inputs)) for key, resource in listed.items()}
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    body = yaml.dump({"exact": True, **kept} if exact else kept, Dumper=_Dumper, sort_keys=False, width=120)
    path.write_text("\n".join([*head, body]), encoding="utf-8")


def _listed(expected: Any, got: Any) -> Any:
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return {key: _listed(value, got.get(key, MISSING)) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [_listed(left, right) for left, right in zip(expected, got, strict=True)]
    return got
