"""The server certificate of this machine's gateways, signed by a CA that is made on first use."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from modelberth.local.encryption import ServerCertificate, ensure_authority, expiry, is_good, issue
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider, explained


class _Provider(MachineProvider):
    replace_on = ("directory",)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        found = super().diff(_id, _olds, _news)
        # What is damaged, half written or nearly over is as good as changed.
        return found if found.changes else DiffResult(changes=not _may_stay(_olds))

    def create(self, props: dict[str, Any]) -> CreateResult:
        outputs = self._issued(props)
        return CreateResult(outputs["certificate"], outputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(self._issued(_news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        files = [Path(props[name]) for name in ("certificate", "private_key", "ca_certificate_file")]
        return ReadResult(id_ if all(file.exists() for file in files) else "", props)

    @staticmethod
    def _issued(props: dict[str, Any]) -> dict[str, Any]:
        folder = Path(props["directory"]) / "tls"
        with explained(f"certificate in {folder}"):
            authority = ensure_authority(folder)
            issued = issue(authority, folder)
        return {
            **props,
            "expires": expiry(issued.certificate).isoformat(),
            "certificate": str(issued.certificate),
            "private_key": str(issued.private_key),
            "ca_certificate_file": str(authority.certificate),
        }


def _may_stay(outputs: dict[str, Any]) -> bool:
    server = ServerCertificate(Path(outputs["certificate"]), Path(outputs["private_key"]))
    return is_good(server, Path(outputs["ca_certificate_file"]))


class Certificate(Resource, module="modelberth", name="Certificate"):
    """A certificate for localhost. An `up` renews it when less than a third of its time is left."""

    certificate: pulumi.Output[str]
    """Path of the certificate (PEM)."""
    expires: pulumi.Output[str]
    """When it ends, in UTC. Gateways watch the files and use a renewed certificate from the next connection on."""
    private_key: pulumi.Output[str]
    """Path of its key (PEM, 0600)."""
    ca_certificate_file: pulumi.Output[str]
    """Path of the CA's certificate (PEM)."""

    def __init__(self, name: str, directory: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        props = {
            "directory": directory,
            "certificate": None,
            "expires": None,
            "private_key": None,
            "ca_certificate_file": None,
            "schema_version": SCHEMA_VERSION,
        }
        super().__init__(_Provider(), name, props, opts)
