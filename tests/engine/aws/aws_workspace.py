"""A project in a folder of its own, run by the real engine against a stand-in AWS."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from clouds.aws.standin import StandIn
from clouds.aws.store import Resource
from stand_in_workspace import REPOSITORY, StandInWorkspace

PLUGIN = REPOSITORY / "tests/clouds/aws"

PROLOGUE = """
import json
import pulumi
import pulumi_aws as aws
provider = aws.Provider("aws", region="eu-central-1", allowed_account_ids=["123456789012"])
def opts(**words):
    return pulumi.ResourceOptions(provider=provider, **words)
"""
"""What every small program begins with."""


class AwsWorkspace(StandInWorkspace):
    """One checkout with one stack, and the cloud that it deploys into."""

    prologue = PROLOGUE
    plugins = {"aws": PLUGIN}

    def __init__(self, folder: Path, environment: Mapping[str, str], cloud: StandIn, stack: str) -> None:
        super().__init__(folder, {**environment, **cloud.environment}, stack)
        self.cloud = cloud

    def orphans(self) -> list[Resource]:
        """What this stack made in the cloud and does not know of: a run was interrupted after the cloud had acted."""
        known = {resource["urn"] for resource in self.state()["deployment"].get("resources", [])}
        made = f"urn:pulumi:{self.stack}::"
        return [one for one in self.cloud.read().resources if one.urn.startswith(made) and one.urn not in known]

    def adopt(self) -> None:
        """Bring every orphan under the stack's control with `pulumi import`, as an operator has to."""
        known = {resource["urn"] for resource in self.state()["deployment"].get("resources", [])}
        provider = next(urn for urn in sorted(known) if "pulumi:providers:aws::" in urn)
        names = {f"name-{number}": urn for number, urn in enumerate(sorted(known))}
        word = {urn: name for name, urn in names.items()}
        wanted = [_import(orphan, known, word) | {"provider": word[provider]} for orphan in self.orphans()]
        file = self.folder / "import.json"
        file.write_text(json.dumps({"nameTable": names, "resources": wanted}))
        self._said("import", "--yes", "--file", str(file), "--generate-code=false", "--protect=false", check=True)


def _import(orphan: Resource, known: Iterable[str], word: Mapping[str, str]) -> dict[str, Any]:
    """What `pulumi import` wants to know of a resource."""
    *_, types, name = orphan.urn.split("::")
    above = types.rpartition("$")[0]
    parents = [urn for urn in known if above and urn.split("::")[2] == above and name.startswith(urn.split("::")[3])]
    parent = {"parent": word[max(parents, key=len)]} if parents else {}
    return {"type": orphan.type, "name": name, "id": orphan.id, **parent}


WorkspaceFactory = Callable[..., AwsWorkspace]
"""The fixture `aws_workspace`."""
