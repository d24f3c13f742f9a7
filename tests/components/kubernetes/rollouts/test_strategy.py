"""How one version follows another, in Argo's words."""

import pytest
from components.kubernetes.rollouts.samples import (
    ALL,
    ARGO,
    CANARY,
    GATES,
    LEAST,
    ROUTES,
    args,
    faults,
    objects,
    strategy,
)
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.rollouts.endpoint import backends

HASH_FREE = {"app.kubernetes.io/instance": "ranker"}


def backends_of(**fields):
    made = args(**{"foundation": ALL, "replicas": 10, **fields})
    return {version: (each.service, each.weight) for version, each in
            backends(made, place_of(made.foundation, "ranker", None)).items()}  # fmt: skip


def test_shares_are_watched_up_to_the_last_below_the_whole():
    wait = {"pause": {"duration": "600s"}}
    assert strategy(rollout=CANARY, routes=ROUTES)["canary"]["steps"] == [
        {"setWeight": 10}, wait, {"setWeight": 50}, wait,
    ]  # fmt: skip
    equal = strategy(rollout={"linear": {"step": 40, "interval": "5m"}})["canary"]["steps"]
    assert [step["setWeight"] for step in equal[::2]] == [40, 80]
    assert equal[1] == {"pause": {"duration": "300s"}}


def test_the_plugin_of_the_gateway_api_moves_the_weights_of_the_routes():
    canary = strategy(rollout=CANARY, routes=ROUTES)["canary"]
    routed = {"namespace": "models", "httpRoutes": [{"name": name} for name in ROUTES]}
    assert canary["trafficRouting"] == {"plugins": {"argoproj-labs/gatewayAPI": routed}}
    assert (canary["stableService"], canary["canaryService"]) == ("ranker", "ranker-canary")


def test_without_routes_one_service_stands_before_old_and_new_pods():
    # With a stable Service of Argo's, callers would reach no new pod, and a gate would never have its sample.
    made = objects(foundation=ARGO, replicas=10, rollout=CANARY)
    assert [name for name, each in made.items() if each["kind"] == "Service"] == ["ranker"]
    canary = made["ranker-rollout"]["spec"]["strategy"]["canary"]
    assert sorted(canary) == ["maxSurge", "maxUnavailable", "steps"]
    assert backends_of(rollout=CANARY) == {"1.4.0": ("ranker", 100)}


@pytest.mark.parametrize(
    "fields", [{"rollout": {"blue_green": {}}}, {"rollout": CANARY, "routes": ROUTES}], ids=["blue and green", "canary"]
)
def test_a_service_of_their_own_for_new_pods_where_argo_points_it_at_them(fields):
    made = objects(**{"foundation": ALL, **fields})
    services = {name: each["spec"]["selector"] for name, each in made.items() if each["kind"] == "Service"}
    assert services == {"ranker": HASH_FREE, "ranker-canary": HASH_FREE}
    assert backends_of(**fields) == {"1.4.0": ("ranker", 100), "canary": ("ranker-canary", 0)}


def test_pods_are_replaced_a_few_at_a_time_where_nothing_else_is_said():
    for rollout, surge, missing in (({}, 1, 0), ({"all_at_once": {}}, 1, 0),
                                    ({"rolling": {"surge": 3, "unavailable": 2}}, 3, 2)):  # fmt: skip
        assert strategy(rollout=rollout) == {"canary": {"maxSurge": surge, "maxUnavailable": missing}}
    assert "trafficRouting" not in strategy(rollout={"rolling": {}}, routes=ROUTES)["canary"]


def test_blue_and_green_switches_at_once_and_keeps_the_old_pods_until_the_last_gate_is_asked():
    made = strategy(rollout={"blue_green": {"bake": "10m"}, "gates": GATES[1:2]})["blueGreen"]
    assert (made["activeService"], made["previewService"]) == ("ranker", "ranker-canary")
    assert made["scaleDownDelaySeconds"] == 720
    assert made["postPromotionAnalysis"]["templates"] == [{"templateName": "ranker"}]
    assert "postPromotionAnalysis" not in strategy(rollout={"blue_green": {}})["blueGreen"]


def test_who_scales_starts_from_the_floor():
    scaled = objects(foundation=ARGO, scaling={"max_replicas": 6, "cpu": "70%"})
    assert scaled["ranker-rollout"]["spec"]["replicas"] == 1
    reference = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "ranker"}
    assert scaled["ranker-scaling"]["spec"]["scaleTargetRef"] == reference
    assert objects(replicas=3)["ranker-rollout"]["spec"]["replicas"] == 3


@given(pods=st.integers(min_value=1, max_value=200), share=st.integers(min_value=1, max_value=99))
def test_a_share_of_pods_is_refused_exactly_where_it_is_less_than_one(pods, share):
    rollout = {"canary": {"steps": [share]}}
    given = {**LEAST, "replicas": pods, "rollout": rollout}
    found = faults(lambda: args(given))
    assert bool(found) == (pods * share < 100)
    if found:
        # What it says to write is accepted, and one less is not.
        enough = -(-100 // share)
        assert f"or {enough} pods" in found[0]
        assert not faults(lambda: args({**given, "replicas": enough}))
        assert faults(lambda: args({**given, "replicas": enough - 1})) if enough > 1 else True
        assert not faults(lambda: args({**given, "foundation": ALL, "routes": ROUTES}))


@given(pods=st.integers(min_value=2, max_value=99))
def test_the_first_step_that_is_told_is_accepted(pods):
    [found] = faults(lambda: args(replicas=pods, rollout={"linear": {"step": 1, "interval": "1m"}}))
    step = int(found.rpartition(" ")[2])
    assert pods * step >= 100 > pods * (step - 1)
    assert not faults(lambda: args(replicas=pods, rollout={"linear": {"step": step, "interval": "1m"}}))
