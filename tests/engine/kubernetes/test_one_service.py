"""One file of a service, deployed to one target after the other: what each refuses is the only difference, and told."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from clouds.kubernetes.controllers import played
from example_workspaces import FOLDER, ExampleWorkspace

from cluster.api import Api
from cluster.control_plane import Cluster
from modelberth_policies.sources.program import plan

EXAMPLE = FOLDER / "one-service-many-targets"
PLANNED = ("local", "aws:sagemaker/realtime")
"""Targets whose plan is made in process: what they need to come up is tested with their own examples."""
DEPLOYED = ("kubernetes:deployment", "kubernetes:kserve")
DEFINITIONS = ("cert-manager", "envoy-gateway", "gateway-api", "keda", "kserve", "prometheus-operator")
COMPONENT = {
    "local": "LocalEndpoint",
    "aws:sagemaker/realtime": "RealtimeEndpoint",
    "kubernetes:deployment": "DeploymentEndpoint",
    "kubernetes:kserve": "InferenceServiceEndpoint",
}


def shown(on: str) -> dict[str, str]:
    """What the README says that a target refuses: field to why, and what to do instead."""
    rows = [
        line.split("|")[1:-1] for line in (EXAMPLE / "README.md").read_text().splitlines() if line.startswith("| `")
    ]
    found = [[cell.strip() for cell in row] for row in rows if row[0].strip() == f"`{on}`"]
    assert found, f"the README has no row for {on}"
    return {field.strip("`"): why for _, field, why in found if field != "nothing"}


@pytest.mark.parametrize("on", [*PLANNED, *DEPLOYED])
def test_plan_refuses_what_the_readme_shows(on: str) -> None:
    paths = {"PYTHONPATH": f"{FOLDER.parent}/components:{FOLDER.parent}/policies"}
    planned = plan(EXAMPLE, "trial", config={"target": on}, python=sys.executable, env=paths)
    assert planned.outputs["refused"] == shown(on)
    assert f"modelberth:index:{COMPONENT[on]}" in {one.type for one in planned}


def test_service_says_nothing_of_where_it_runs() -> None:
    service = yaml.safe_load((EXAMPLE / "service.yaml").read_text())
    assert "on" not in service and "native" not in service


@pytest.fixture(scope="module")
def checkout(
    engine: dict[str, str], cluster: Cluster, addons: Callable[..., list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], ExampleWorkspace]:
    """`checkout("kubernetes:kserve")`: the example as it is, but for the cluster and the namespace."""

    def made(on: str) -> ExampleWorkspace:
        addons(*DEFINITIONS)
        folder: Path = tmp_path_factory.mktemp("one-service")
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        space = f"one-service-{time.time_ns() // 1000}"
        place = ExampleWorkspace(folder, engine, cluster.kubeconfig, space)
        clouds = yaml.safe_load((folder / "clouds.yaml").read_text())
        clouds["kubernetes"] |= {"cluster": place.cluster, "namespace": {"name": space}}
        (folder / "clouds.yaml").write_text(yaml.safe_dump(clouds))
        place.configure_stack({"target": on})
        return place

    return made


@pytest.mark.engine
@pytest.mark.parametrize("on", DEPLOYED)
def test_same_file_comes_up_on_kubernetes(checkout: Callable[[str], ExampleWorkspace], api: Api, on: str) -> None:
    place = checkout(on)
    with played(api, place.namespace):
        place.up()
    assert (place.folder / "service.yaml").read_text() == (EXAMPLE / "service.yaml").read_text()
    assert place.outputs() == {"refused": shown(on), "url": "https://models.example.com/ranker"}
    assert place.unchanged()
    place.destroy()
    assert api.found("v1", "Namespace", place.namespace) is None
