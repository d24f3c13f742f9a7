"""What the endpoints of one stack on this machine share: a directory, a supervisor, a registry, a certificate."""

from pathlib import Path

import pulumi

from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.local.certificate import Certificate
from modelberth.local.directory import RuntimeDirectory
from modelberth.local.registry import Registry
from modelberth.local.supervisor import Supervisor


class LocalFoundationArgs(Config):
    """Where a stack on this machine keeps its files."""

    directory: str | None = None
    """Path, absolute or from the project's folder. Left out: `.modelberth/<stack>` in the project's folder."""

    registry: In[str] | None = None
    """MLflow tracking URI of a registry that is there already; the files of its models must be on this machine.
    Left out: a registry of its own, in the directory."""


def directory_of(args: LocalFoundationArgs, project: Path, stack: str) -> Path:
    """The runtime directory of a stack, absolute."""
    chosen = Path(".modelberth") / stack if args.directory is None else Path(args.directory)
    return (project / chosen).resolve()


class LocalFoundation(Component):
    """A runtime directory, its supervisor, an MLflow registry, and a server certificate of a CA of its own."""

    directory: pulumi.Output[str]
    """Runtime directory, once the supervisor answers."""
    registry: pulumi.Output[str]
    """Address of the registry in MLflow's words."""
    ca_certificate_file: pulumi.Output[str]
    """Path of the CA's certificate (PEM), which clients trust."""
    certificate: Certificate
    """The server certificate that gateways show."""

    def __init__(
        self, name: str, args: LocalFoundationArgs | dict | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = LocalFoundationArgs.parse(args if args is not None else {})
        super().__init__(name, args, opts)
        directory = directory_of(args, Path(pulumi.get_root_directory()), pulumi.get_stack())
        root = RuntimeDirectory(name, str(directory), self.child())
        supervisor = Supervisor(f"{name}-supervisor", root.path, self.child())
        registry = (
            Registry(f"{name}-registry", root.path, self.child()).tracking_uri
            if args.registry is None
            else pulumi.Output.from_input(args.registry)
        )
        certificate = Certificate(f"{name}-certificate", root.path, self.child())

        # Everything that an endpoint needs is waited for, whichever output it uses.
        complete = pulumi.Output.all(supervisor.directory, registry, certificate.ca_certificate_file)
        self.directory = complete.apply(lambda outputs: outputs[0])
        self.registry = registry
        self.certificate = certificate
        self.ca_certificate_file = certificate.ca_certificate_file
        self.register_outputs(
            {"directory": self.directory, "registry": self.registry, "ca_certificate_file": self.ca_certificate_file}
        )
