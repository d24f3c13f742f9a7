"""The same resources as component.py makes, written out with Pulumi's SDK alone: no model validates anything here.

The dynamic resources and their providers are the library's own. Two of them are declared anew, because theirs
take their arguments as models.
"""

import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from modelberth.local.certificate import Certificate
from modelberth.local.directory import RuntimeDirectory
from modelberth.local.gateway import gateway
from modelberth.local.keys import ApiKeys
from modelberth.local.registry import Registry
from modelberth.local.server import _Provider as ModelServerProvider
from modelberth.local.supervisor import Supervisor

COMMAND = [
    sys.executable, "-m", "modelberth.serving", "--model", "{model}", "--name", "{name}", "--version", "{version}",
    "--host", "{host}", "--port", "{port}", "--threads", "1", "--memory-limit-mib", "2048",
]  # fmt: skip
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
CLIENTS = ["web", "batch"]
RATE = {"per_key": 1000, "burst": 2000}


class ModelServer(Resource, module="modelberth", name="ModelServer"):
    """One running version."""

    port: pulumi.Output[int]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(ModelServerProvider(), name, {**props, "port": None, "schema_version": 1}, opts)


class Gateway(Resource, module="modelberth", name="Gateway"):
    """One Envoy."""

    https_port: pulumi.Output[int]
    metrics_port: pulumi.Output[int]
    folder: pulumi.Output[str]
    weights: pulumi.Output[dict[str, int]]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        computed = {"https_port": None, "metrics_port": None, "folder": None, "schema_version": 1}
        super().__init__(gateway._Provider(), name, {**props, **computed}, opts)


class Machine(pulumi.ComponentResource):
    """What the services share."""

    def __init__(self, name: str) -> None:
        super().__init__("modelberth:index:LocalFoundation", name, {})
        child = pulumi.ResourceOptions(parent=self)
        folder = Path(pulumi.get_root_directory()) / ".modelberth" / pulumi.get_stack()
        root = RuntimeDirectory(name, str(folder.resolve()), child)
        supervisor = Supervisor(f"{name}-supervisor", root.path, child)
        self.registry = Registry(f"{name}-registry", root.path, child).tracking_uri
        self.certificate = Certificate(f"{name}-certificate", root.path, child)
        complete = pulumi.Output.all(supervisor.directory, self.registry, self.certificate.ca_certificate_file)
        self.directory = complete.apply(lambda outputs: outputs[0])
        self.register_outputs(
            {
                "directory": self.directory,
                "registry": self.registry,
                "ca_certificate_file": self.certificate.ca_certificate_file,
            }
        )


class Endpoint(pulumi.ComponentResource):
    """One model behind one gateway."""

    def __init__(self, name: str, machine: Machine, uri: str, digest: str) -> None:
        model = {"uri": uri, "version": "1.0.0", "digest": digest}
        inputs = {
            "foundation": machine.pulumi_resource_name,
            "traffic": {"stable": model, "weight": 0, "mirror": 0},
            "clients": CLIENTS,
            "rate": RATE,
            "runtime": "serving",
            "threads": 1,
            "memory_mib": 2048,
            "max_body_bytes": 1 << 20,
        }
        super().__init__("modelberth:index:LocalEndpoint", name, inputs)
        child = pulumi.ResourceOptions(parent=self)
        keys = ApiKeys(f"{name}-keys", tuple(CLIENTS), child)
        place = {"directory": machine.directory, "service": name, "ready_path": "/readyz"}
        started = {"registry": machine.registry, "command": COMMAND, "environment": THREADS}
        server = ModelServer(f"{name}-1.0.0", {**place, **started, **model}, child)
        front = Gateway(name, {**place, **_behind(machine, server, keys)}, child)
        self.url = front.https_port.apply(lambda port: f"https://localhost:{port}")
        self.api_keys = pulumi.Output.secret(keys.keys)
        outputs = {"url": self.url, "resource_id": front.folder, "versions": front.weights, "api_keys": self.api_keys}
        self.register_outputs(outputs)


def _behind(machine: Machine, server: ModelServer, keys: ApiKeys) -> dict[str, Any]:
    return {
        "certificate": machine.certificate.certificate,
        "private_key": machine.certificate.private_key,
        "backends": {"1.0.0": server.port},
        "weights": {"1.0.0": 100},
        "mirror": {},
        "key_hashes": keys.hashes,
        "jwt": None,
        "rate": RATE,
        "port": None,
        "max_body_bytes": 1 << 20,
    }


machine = Machine("machine")
for number in range(pulumi.Config().require_int("services")):
    iris = Endpoint(f"iris-{number}", machine, f"models:/iris-{number}/1.0.0", f"sha256:{number:064x}")
    pulumi.export(f"iris-{number}", {"url": iris.url, "api_keys": iris.api_keys})
