"""A namespace of the test control plane, and workspaces whose engine deploys into it."""

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]

from cluster_fixtures import addons, api, cluster, namespace  # noqa: E402, F401
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory  # noqa: E402

from cluster.api import Api, Refused  # noqa: E402
from cluster.control_plane import Cluster  # noqa: E402

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def kubernetes_workspace(
    engine: dict[str, str],
    cluster: Cluster,  # noqa: F811
    api: Api,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WorkspaceFactory]:
    """`kubernetes_workspace(PROGRAM)` is a checkout with this program, not yet up, in a new namespace `.namespace`.

    Without a program it holds the repository's, which makes its namespace itself; `kubeconfig`: of another cluster.
    Settings are the provider's: `upsert_existing_objects=True`.
    The namespaces end with the module; nothing waits for that.
    """
    namespaces: list[str] = []

    def made(
        program: str | None = None, kubeconfig: Path = cluster.kubeconfig, **settings: bool | str
    ) -> KubernetesWorkspace:
        space = f"stand-in-{os.getpid()}-{next(NUMBERS)}"
        namespaces.append(space)
        if program is not None:
            api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
        place = KubernetesWorkspace(tmp_path_factory.mktemp("kubernetes"), engine, kubeconfig, space)
        if program is None:
            place.copy_repository()
        else:
            place.configure(**settings)
            place.write_program(program)
        place.pulumi("stack", "init", place.stack)
        return place

    yield made
    for space in namespaces:
        with suppress(Refused):
            api.delete("v1", "Namespace", space)
