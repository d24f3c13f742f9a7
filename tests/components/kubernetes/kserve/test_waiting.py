"""What a change of a service waits for, and that the two modes do not take each other's names."""

import pytest
from components.kubernetes.kserve import test_graph, test_llm
from components.kubernetes.kserve.samples import BOTH, BY_RUNTIME, KNATIVE, LEAST, SIZE, objects, predictor, service

from modelberth.kubernetes.kserve import endpoint, graph_endpoint, llm
from modelberth.kubernetes.objects import create
from modelberth_policies.sources.program import run_in_process

ON_KNATIVE = {**LEAST, "mode": KNATIVE}


@pytest.mark.parametrize("traffic", [{"stable": BOTH["stable"]}, BOTH])
def test_nothing_of_knative_has_a_name_that_plain_deployments_have(traffic):
    """KServe makes a Service of an InferenceService's name: on Knative it would take over `ranker`."""
    deployed, on_knative = (objects(given, traffic=traffic) for given in (LEAST, ON_KNATIVE))
    named = [each["metadata"]["name"] for each in on_knative.values() if each["kind"] == "InferenceService"]
    assert named == ["ranker-knative"]
    assert "ranker" in [each["metadata"]["name"] for each in deployed.values() if each["kind"] == "Service"]
    assert "ranker-knative" not in [each["metadata"]["name"] for each in deployed.values()]


@pytest.mark.parametrize("given", [LEAST, ON_KNATIVE])
def test_our_services_are_not_waited_for_as_they_may_have_no_pods(given):
    ours = [each for each in objects(given, traffic=BOTH).values() if each["kind"] == "Service"]
    assert ours
    assert all(each["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"} for each in ours)


@pytest.mark.parametrize("given", [LEAST, ON_KNATIVE])
def test_the_engine_waits_for_the_condition_and_not_for_a_generation_that_is_another_objects(given):
    wanted = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True'
    assert service(given)["metadata"]["annotations"]["pulumi.com/waitFor"] == wanted


@pytest.mark.parametrize(
    ("given", "deadline"),
    [
        ({**ON_KNATIVE, "server": {"resources": SIZE, "start_seconds": 60, "load_seconds": 40}}, "100s"),
        ({**BY_RUNTIME, "mode": KNATIVE}, "1200s"),
    ],
)
def test_a_revision_may_take_as_long_as_a_pod_may_to_start_and_to_load(given, deadline):
    assert predictor(given)["annotations"] == {"serving.knative.dev/progress-deadline": deadline}


SLOW = {**LEAST, "server": {"resources": SIZE, "start_seconds": "30m", "load_seconds": "20m"}}
WAITING = {
    "slow": (endpoint, lambda: endpoint.InferenceServiceEndpoint("ranker", SLOW), "ranker--1-4-0", 3060),
    "Knative": (endpoint, lambda: endpoint.InferenceServiceEndpoint("ranker", ON_KNATIVE), "ranker-knative", 1260),
    "KServe's own": (endpoint, lambda: endpoint.InferenceServiceEndpoint("ranker", BY_RUNTIME), "ranker--1-4-0", 1260),
    "a language model": (llm, lambda: llm.LLMInferenceService("writer", test_llm.LEAST), "writer", 3600),
    "a larger one": (
        llm,
        lambda: llm.LLMInferenceService("writer", {**test_llm.LEAST, "ready_seconds": "3h"}),
        "writer",
        10800,
    ),
    "a graph": (graph_endpoint, lambda: graph_endpoint.InferenceGraph("journey", test_graph.whole()), "journey", 1260),
}


@pytest.mark.parametrize("case", WAITING)
def test_the_engine_waits_as_long_as_pods_may_take_to_start_and_to_load(case, monkeypatch):
    module, program, name, seconds = WAITING[case]
    asked = {}

    def noted(manifests, opts):
        asked.update(dict.fromkeys(manifests, opts.custom_timeouts))
        return create(manifests, opts)

    monkeypatch.setattr(module, "create", noted)
    run_in_process(program)
    assert (asked[name].create, asked[name].update) == (f"{seconds}s", f"{seconds}s")
