"""The Python environment that a project asks for, and the Pulumi packages that are installed in it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WITHOUT_PLUGIN = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
"""Packages named like a provider's that have none."""

LIST_PACKAGES = r"""
import importlib.metadata, json, re, sys
def described(dist):
    about = dist.metadata
    name = about["Name"]
    listed = re.search(r'^"?([^",\n]*pulumi-plugin\.json)"?,', dist.read_text("RECORD") or "", re.MULTILINE)
    path = dist.locate_file(listed[1] if listed else (name or "").replace("-", "_") + "/pulumi-plugin.json")
    try:
        with open(path, encoding="utf-8") as file: plugin = json.load(file)
    except OSError: plugin = None
    requires = about.get_all("Requires-Dist") or []
    return {"name": name, "version": about["Version"], "requires": requires, "plugin": plugin}
json.dump([each for each in map(described, importlib.metadata.distributions()) if each["name"]], sys.stdout)
"""
"""Every package of an environment. `dist.metadata` is parsed at each reading, `dist.files` makes 100,000 paths."""


class UnusableEnvironmentError(Exception):
    """The environment that a project asks for cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Environment:
    """An interpreter, and the virtualenv that it belongs to (None: whatever python3 is on PATH)."""

    python: Path
    virtualenv: Path | None

    def variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` as `activate` would change it, without what slows imports down."""
        kept = {key: value for key, value in base.items() if key not in ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE")}
        if self.virtualenv is None:
            return kept
        path = os.pathsep.join(filter(None, [str(self.virtualenv / "bin"), kept.get("PATH")]))
        return {**kept, "VIRTUAL_ENV": str(self.virtualenv), "PATH": path}


@dataclass(frozen=True)
class Package:
    """An installed distribution; `plugin` is the content of its pulumi-plugin.json."""

    name: str
    version: str
    requires: list[str]
    plugin: dict[str, Any] | None


def environment(root: Path, options: Mapping[str, Any]) -> Environment:
    """The environment that `runtime.options` of a Pulumi.yaml, PulumiPlugin.yaml or PulumiPolicy.yaml in `root` name.

    `virtualenv` is relative to `root`; left out, `toolchain: uv` means `.venv` and `pip` means python3 on PATH.
    Raises UnusableEnvironmentError for a missing virtualenv and for an option that this host does not have.
    """
    toolchain = options.get("toolchain") or "pip"
    if toolchain not in ("pip", "uv"):
        raise UnusableEnvironmentError(
            f"runtime option toolchain: got {toolchain!r}, this language host knows pip and uv"
        )
    if options.get("typechecker") not in (None, "", "none"):
        raise UnusableEnvironmentError("runtime option typechecker: this language host has none; run it by itself")
    named = options.get("virtualenv") or (".venv" if toolchain == "uv" else None)
    if named is None:
        return Environment(_ambient_python(), None)
    virtualenv = root / named
    if not (virtualenv / "bin" / "python").exists():
        raise UnusableEnvironmentError(
            f"runtime option virtualenv: {named!r} of {root} is no virtual environment (no {virtualenv}/bin/python). "
            "Run `make setup` (or `python3 -m venv` and install the project's packages into it)"
        )
    return Environment(virtualenv / "bin" / "python", virtualenv)


def _ambient_python() -> Path:
    name = os.environ.get("PULUMI_PYTHON_CMD") or "python3"
    found = shutil.which(name)
    if found is None:
        raise UnusableEnvironmentError(f"no {name} on PATH, and no `virtualenv` among the runtime options")
    return Path(found)


def installed(chosen: Environment) -> list[Package]:
    """Every distribution installed in an environment, in no particular order."""
    listing = subprocess.run(
        [chosen.python, "-c", LIST_PACKAGES],
        capture_output=True,
        text=True,
        env=chosen.variables(os.environ),
        stdin=subprocess.DEVNULL,
    )
    if listing.returncode != 0:
        raise UnusableEnvironmentError(f"{chosen.python} cannot list its packages: {listing.stderr.strip()}")
    return [Package(**described) for described in json.loads(listing.stdout)]


def provider_plugin(package: Package) -> dict[str, Any] | None:
    """Name, version, server and parameterization of the provider that belongs to a package; None where there is none.

    What pulumi-plugin.json leaves out follows from the package's name and version, as in Pulumi's own language host.
    """
    name = package.name.replace("_", "-")
    if name in WITHOUT_PLUGIN or (package.plugin is None and not name.startswith("pulumi-")):
        return None
    plugin = package.plugin or {"resource": True}
    version = plugin.get("version") or package.version
    if not plugin.get("resource") or re.fullmatch(r"v?\d+\.\d+\.\d+([-+].*)?", version) is None:
        return None
    return {
        "name": plugin.get("name") or name.removeprefix("pulumi-"),
        "version": version if version.startswith("v") else f"v{version}",
        "server": plugin.get("server") or "",
        "parameterization": plugin.get("parameterization"),
    }


def top_level(packages: list[Package]) -> list[Package]:
    """The packages that no other one requires."""
    requirements = (re.match(r"[\w.-]+", line) for package in packages for line in package.requires)
    required = {_normal(match.group()) for match in requirements if match}
    return [package for package in packages if _normal(package.name) not in required]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
