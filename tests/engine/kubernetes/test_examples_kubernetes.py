"""Each Kubernetes example: up on the real engine and a real API server, then nothing to change, then nothing left.

A new folder `examples/kubernetes-…` is found by itself; what its `Pulumi.yaml` asks for has an answer in
`tests/example_answers.py`, and what it needs in the cluster stands in `DEFINITIONS`.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from clouds.kubernetes.contents import contents
from clouds.kubernetes.controllers import played
from cluster_fixtures import POD_SECURITY
from example_answers import KUBERNETES
from example_workspaces import FOLDER, ExampleWorkspace, operators, volumes

from cluster.api import Api
from cluster.control_plane import Cluster
from modelberth.core.service import Slo
from modelberth.kubernetes.monitoring import promql, series_of, unmeasured
from modelberth.kubernetes.monitoring.alarms import groups
from modelberth.kubernetes.monitoring.objectives import RUNBOOKS
from modelberth.runtimes import names

pytestmark = pytest.mark.engine

EXAMPLES = sorted(path.parent.name for path in FOLDER.glob("kubernetes-*/Pulumi.yaml"))
LIVED_LONGER = "kubernetes-canary"
SHORT_LIVED = [name for name in EXAMPLES if name != LIVED_LONGER]
DOOR = ("cert-manager", "envoy-gateway", "gateway-api")
DEFINITIONS: Mapping[str, tuple[str, ...]] = {
    "kubernetes-batch": ("kueue",),
    "kubernetes-canary": (*DOOR, "prometheus-operator"),
    "kubernetes-gpu": ("keda",),
    "kubernetes-kserve": ("kserve",),
    "kubernetes-monitored": ("grafana-operator", "prometheus-operator"),
    "kubernetes-rollouts": (*DOOR, "argo-rollouts", "prometheus-operator"),
    "kubernetes-seldon": ("seldon",),
}
"""Example to the add-ons whose definitions it needs."""
SELDON = "mlops.seldon.io/v1alpha1"
AWAITED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "kubernetes-seldon": ((SELDON, "Model"), (SELDON, "Experiment")),
}
"""Example to the kinds that it waits for, and whose operator `clouds.kubernetes.controllers` does not play."""
CLAIMED: Mapping[str, tuple[str, ...]] = {"kubernetes-edge": ("ranker-metrics",)}
"""Example to its claims of volumes: nothing makes volumes here."""
THERE = ("kubernetes-seldon",)
"""Examples that stand in a namespace that is there already."""


@dataclass(frozen=True)
class Life:
    """What became of an example between its first `up` and its `destroy`."""

    told: str
    unchanged: bool
    left: list[str]


@pytest.fixture(scope="module")
def example(
    engine: dict[str, str],
    cluster: Cluster,
    api: Api,
    addons: Callable[..., list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], ExampleWorkspace]]:
    """`example("kubernetes-canary")` is a checkout of it with a stack of its own, and its definitions are there."""
    spaces = []

    def made(name: str) -> ExampleWorkspace:
        addons(*DEFINITIONS.get(name, ()))
        folder = tmp_path_factory.mktemp(name)
        shutil.copytree(FOLDER / name, folder, dirs_exist_ok=True)
        place = ExampleWorkspace(folder, engine, cluster.kubeconfig, f"{name}-{time.time_ns() // 1000}")
        spaces.append(place.namespace)
        answers = {**KUBERNETES, **place.cluster, "namespace": place.namespace}
        asked = [key for key, entry in place.asked.items() if "default" not in entry or key == "namespace"]
        place.configure_stack({key: answers[key] for key in asked})
        if name in THERE:
            about = {"name": place.namespace, "labels": POD_SECURITY}
            api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": about})
        return place

    yield made
    for space in spaces:
        if api.found("v1", "Namespace", space) is not None:
            api.delete("v1", "Namespace", space)


@pytest.fixture(scope="module")
def lives(example, api: Api, request) -> Iterator[dict[str, Future[Life]]]:
    """Name of each example that is asked for to its life; two of them go on at a time."""
    chosen = [item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")]
    places = {name: example(name) for name in SHORT_LIVED if name in chosen}
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {name: pool.submit(live, place, api, name) for name, place in places.items()}


def live(place: ExampleWorkspace, api: Api, name: str) -> Life:
    """Up, another preview, destroy."""
    others, claims = AWAITED.get(name, ()), CLAIMED.get(name, ())
    with played(api, place.namespace), operators(place, api, *others), volumes(place, api, *claims):
        told = up(place, name)
    unchanged = place.unchanged()
    place.destroy()
    return Life(told, unchanged, left_over(place, api, name))


def up(place: ExampleWorkspace, name: str) -> str:
    """Up. Returns what it made."""
    began = time.monotonic()
    place.up()
    took, found = time.monotonic() - began, place.state()["deployment"]["resources"]
    objects = [one for one in found if one["type"].startswith("kubernetes:")]
    return f"{name}: {len(objects)} objects; up in {took:.1f} s"


def left_over(place: ExampleWorkspace, api: Api, name: str) -> list[str]:
    """What is there still: in the namespace, and the namespace itself where the example made it."""
    stays = name not in THERE and api.found("v1", "Namespace", place.namespace) is not None
    return [*contents(api, place.namespace), *([place.namespace] if stays else [])]


@pytest.mark.parametrize("name", SHORT_LIVED)
def test_example_comes_up_stays_and_goes(lives: dict[str, Future[Life]], name: str) -> None:
    life = lives[name].result()
    print(life.told)
    assert life.unchanged
    assert life.left == []


def test_canary_moves_its_weight_and_back(example: Callable[[str], ExampleWorkspace], api: Api) -> None:
    place = example(LIVED_LONGER)
    print(up(place, LIVED_LONGER))
    assert place.unchanged()
    labels = api.get("v1", "Namespace", place.namespace)["metadata"]["labels"]
    assert labels.items() >= POD_SECURITY.items()
    assert weights(place, api) == {"ranker--1-4-0": 90, "ranker--1-5-0": 10}
    before = pods(place, api)
    assert len(before) == 4
    for candidate in (50, 0):
        place.pulumi("config", "set", "weight", str(candidate))
        place.up()
        assert weights(place, api) == {"ranker--1-4-0": 100 - candidate, "ranker--1-5-0": candidate}
    assert pods(place, api) == before, "moving requests starts no pod"
    place.destroy()
    assert left_over(place, api, LIVED_LONGER) == []


def weights(place: ExampleWorkspace, api: Api) -> dict[str, int]:
    """Service to its share, as the route has it in the cluster."""
    route = api.get("gateway.networking.k8s.io/v1", "HTTPRoute", "ranker-front-door", place.namespace)
    [rule] = route["spec"]["rules"]
    return {one["name"]: one["weight"] for one in rule["backendRefs"]}


def pods(place: ExampleWorkspace, api: Api) -> set[str]:
    """The pods of an example, each by what is never given twice."""
    return {one["metadata"]["uid"] for one in api.list("v1", "Pod", place.namespace)}


def alarms_of(runtime: str, latency: str) -> set[str]:
    """The headings that alarms of a runtime link to, with everything promised that it can show."""
    series = series_of(runtime)
    promised = {"availability": "99.9%", "p50": latency, "p95": latency, "p99": latency}
    unseen = unmeasured(series, Slo.model_validate(promised))
    slo = Slo.model_validate({field: value for field, value in promised.items() if field not in unseen})
    rules = [rule for group in groups(series, promql.ANYWHERE, slo) for rule in group["rules"] if "alert" in rule]
    assert all(rule["annotations"]["runbook_url"] == f"{RUNBOOKS}#{rule['alert'].lower()}" for rule in rules)
    return {rule["alert"] for rule in rules}


@pytest.mark.parametrize("latency", ["73ms", "200ms", "1s"])
@pytest.mark.parametrize("runtime", names())
def test_every_alarm_is_a_heading_of_the_runbook(runtime: str, latency: str) -> None:
    lines = (FOLDER.parent / RUNBOOKS).read_text().splitlines()
    headings = {line.lstrip("#").strip() for line in lines if line.startswith("#")}
    alarms = alarms_of(runtime, latency)
    assert alarms - headings == set()
    assert "ModelberthNoPodReady" in alarms
