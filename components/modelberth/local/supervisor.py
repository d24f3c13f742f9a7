"""The supervisor: keeps model servers and gateways up after the engine has gone.

It does not survive a reboot; `pulumi up --refresh` starts it, and everything under it, again.
"""

from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource

from modelberth.local import supervisord
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider, explained


class _Provider(MachineProvider):
    replace_on = ("directory", "schema_version")

    def create(self, props: dict[str, Any]) -> CreateResult:
        directory = Path(props["directory"])
        with explained(f"supervisor in {directory}"):
            supervisord.start(directory)
        return CreateResult(str(directory), props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_ if supervisord.supervisor_pid(Path(id_)) is not None else "", props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        supervisord.stop(Path(_id))


class Supervisor(Resource, module="modelberth", name="Supervisor"):
    """One supervisord for a runtime directory, reachable through a 0600 socket only."""

    directory: pulumi.Output[str]
    """The runtime directory, once the supervisor answers."""

    def __init__(self, name: str, directory: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(_Provider(), name, {"directory": directory, "schema_version": SCHEMA_VERSION}, opts)
