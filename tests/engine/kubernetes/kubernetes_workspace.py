"""A project in a folder of its own, run by the real engine against a real API server."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from clouds.kubernetes.faults import FOLDER, Faults
from clouds.wire import logical_of, type_of
from stand_in_workspace import REPOSITORY, StandInWorkspace

from modelberth.stack.files import read_yaml

PROLOGUE = """
import os
import pulumi
import pulumi_kubernetes as k8s
NAMESPACE = os.environ["MODELBERTH_TEST_NAMESPACE"]
provider = k8s.Provider("kubernetes", kubeconfig=open(os.environ["MODELBERTH_TEST_PROVIDER_KUBECONFIG"]).read(),
    context=os.environ["MODELBERTH_TEST_CONTEXT"], namespace=NAMESPACE)
def opts(**words):
    return pulumi.ResourceOptions(provider=provider, **words)
"""
SETTINGS = "context=os.environ"


class KubernetesWorkspace(StandInWorkspace):
    """One checkout with one stack, and the namespace that its small programs deploy into."""

    prologue = PROLOGUE
    plugins = {"kubernetes": REPOSITORY / "tests/clouds/kubernetes"}

    def __init__(self, folder: Path, environment: Mapping[str, str], kubeconfig: Path, namespace: str) -> None:
        stack = "kubernetes"
        super().__init__(folder, environment, stack)
        self.namespace = namespace
        self.faults = Faults(folder / "faults")
        self.use_cluster(kubeconfig)
        (folder / "faults").mkdir()
        self.environment |= {FOLDER: str(folder / "faults"), "MODELBERTH_TEST_NAMESPACE": namespace}

    def use_cluster(self, kubeconfig: Path) -> None:
        """Deploy into the cluster of this kubeconfig's current context from now on."""
        self.environment["MODELBERTH_TEST_PROVIDER_KUBECONFIG"] = str(kubeconfig)
        self.environment["MODELBERTH_TEST_CONTEXT"] = yaml.safe_load(kubeconfig.read_text())["current-context"]

    def copy_repository(self) -> None:
        """The repository's program, whose stack lies in this cluster and makes the namespace `.namespace`."""
        super().copy_repository()
        content = json.loads(json.dumps(read_yaml(self.config)))
        foundation = content["config"]["modelberth:stack"]["foundation"]["kubernetes"]
        foundation["cluster"] = {
            "kubeconfig": self.environment["MODELBERTH_TEST_PROVIDER_KUBECONFIG"],
            "context": self.environment["MODELBERTH_TEST_CONTEXT"],
        }
        foundation["namespace"]["name"] = self.namespace
        self.config.write_text(yaml.safe_dump(content))

    def roll(self, service: str, **changes: object) -> None:
        """Change the traffic of a service in the rollouts file and raise its generation. None: the word goes."""
        content = json.loads(json.dumps(read_yaml(self.rollouts)))
        changed = {**content[service], "generation": content[service]["generation"] + 1, **changes}
        content[service] = {word: value for word, value in changed.items() if value is not None}
        self.rollouts.write_text(yaml.safe_dump(content))

    def protect(self, urn: str) -> None:
        """Has `destroy --exclude-protected` leave a resource."""
        self.pulumi("state", "protect", urn, "--yes", "--stack", self.stack)

    def namespace_urn(self) -> str:
        """The namespace that the repository's program makes."""
        return next(urn for urn in self.urns() if type_of(urn) == "kubernetes:core/v1:Namespace")

    def planned(self) -> dict[str, str]:
        """What `up` would do: type and name of each resource that changes, to the engine's word for it."""
        said = json.loads(self.pulumi("preview", "--stack", self.stack, "--json").stdout)
        steps = {step["urn"]: step["op"] for step in said["steps"] if step["op"] not in ("same", "read")}
        return {f"{type_of(urn)} {logical_of(urn)}": op for urn, op in steps.items()}

    def configure(self, **settings: bool | str) -> None:
        """Give the provider of the small program further settings: `configure(enable_patch_force=True)`."""
        words = "".join(f"{name}={value!r}, " for name, value in settings.items())
        self.prologue = PROLOGUE.replace(SETTINGS, f"{words}{SETTINGS}")


WorkspaceFactory = Callable[..., KubernetesWorkspace]
"""The fixture `kubernetes_workspace`."""


def summary(said: str) -> dict[str, int]:
    """What the engine counted: {"created": 3, "unchanged": 2}."""
    counts = said.rpartition("Resources:")[2]
    return {what: int(number) for number, what in re.findall(r"(\d+) (\w+)", counts.partition("Duration")[0])}
