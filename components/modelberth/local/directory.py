"""The runtime directory: everything that a stack on this machine writes lies in it, for this user's eyes only."""

import shutil
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource

from modelberth.core.errors import ModelberthError
from modelberth.local import supervisord
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider, explained
from modelberth.local.sockets import forget_sockets

KEPT = "registry"
"""The folder that outlives the stack: the models registered in it are work that no `up` can make again."""


OWN = ("programs", "logs", "tls", "gateways", "ports.*", "supervisord.*", ".ports.*", ".supervisord.*", "*.sock")
"""What a stack writes into it besides, and takes away with it. Anything else is somebody's own."""


class _Provider(MachineProvider):
    replace_on = ("path",)

    def create(self, props: dict[str, Any]) -> CreateResult:
        path = Path(props["path"])
        if "%" in str(path):
            raise ModelberthError(f"runtime directory {path}: supervisord cannot take a % in a path; choose another")
        with explained(f"runtime directory {path}"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_others(path)
            path.chmod(0o700)
        return CreateResult(str(path), props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_ if Path(id_).is_dir() else "", props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        path = Path(_id)
        supervisord.stop(path)
        forget_sockets(path)
        if path.is_dir():
            _empty(path)


def _refuse_others(path: Path) -> None:
    others = sorted(entry.name for entry in path.iterdir() if entry.name != KEPT and not _is_own(entry))
    if others:
        raise ModelberthError(f"runtime directory {path}: holds {', '.join(others[:3])} already; choose an empty one")


def _empty(path: Path) -> None:
    for entry in filter(_is_own, path.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    if not any(path.iterdir()):
        path.rmdir()


def _is_own(entry: Path) -> bool:
    return any(entry.match(pattern) for pattern in OWN)


class RuntimeDirectory(Resource, module="modelberth", name="RuntimeDirectory"):
    """A directory, 0700. Its end sweeps up every process and file of the stack, the registry excepted."""

    path: pulumi.Output[str]
    """Absolute path."""

    def __init__(self, name: str, path: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(_Provider(), name, {"path": path, "schema_version": SCHEMA_VERSION}, opts)
