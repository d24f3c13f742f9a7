"""What Seldon Core 2 would ignore, or only find out later, is refused before: each wrong configuration, its message."""

from itertools import pairwise

import pytest
from components.kubernetes.seldon.samples import (
    BOTH,
    EXPERIMENT,
    FOUNDATION,
    LEAST_V2,
    MOST_OF_A_PIPELINE,
    PIPELINE,
    SERVER,
    SHAPE,
    SIZE,
    faults,
    v2,
)
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.seldon import SeldonExperimentArgs, SeldonPipelineEndpointArgs, SeldonServerArgs
from modelberth.kubernetes.seldon.v2.pipeline import circle_of
from modelberth.kubernetes.seldon.v2.pipeline_endpoint import pipeline_objects

WITHOUT = {**FOUNDATION, "addons": []}
LACKS = "needs seldon-core-2 in the cluster; foundation.addons has none; install it and name it there"
FETCHES = "and Seldon's own servers fetch from an object store only; give a prefix"


def store(**models):
    return {"foundation": {**FOUNDATION, "models": models}}


MODEL = {
    "no Seldon": ({"foundation": WITHOUT}, f"a Model {LACKS}"),
    "a store of MLflow": (store(mlflow="http://mlflow.ml"), f"foundation.models is of mlflow, {FETCHES}"),
    "a store of images": (store(oci="ghcr.io/acme/models"), f"foundation.models is of oci, {FETCHES}"),
    "a store that rclone calls otherwise": (
        store(prefix="abfss://models/prod"),
        "foundation.models.prefix begins with abfss:, and Seldon Core 2 has remotes for s3 and gs; copy it there",
    ),
    "a share and copies": (
        {"traffic": {**BOTH, "mirror": 20}},
        "traffic has weight 10 and mirror 20, and what gets copies stands beside an Experiment's candidates; set one "
        "of them to 0",
    ),
    "bounds that are none": (
        {"replicas": 3, "max_replicas": 3},
        "max_replicas is 3, and replicas 3 is not below it; raise it, or leave it out",
    ),
    "bounds on a server of its own": (
        {"max_replicas": 3, "server": {"resources": SIZE}},
        "server is given, whose pods are as many as the model's replicas; leave max_replicas out",
    ),
    "no replica": ({"replicas": 0}, "replicas: got 0, input should be greater than or equal to 1"),
    "a server of the other Seldon": (
        {"runtime": "seldon-v1-sklearn"},
        "runtime: seldon-v1-sklearn is no server of seldon-core-2; take one whose name begins with seldon-v2-",
    ),
    "logging more than all": (
        {"loading": {"logged_percent": 101}},
        "loading.logged_percent: got 101, input should be less than or equal to 100",
    ),
    "two lists of capabilities": (
        {"server": {**SHAPE, "capabilities": ["a"]}},
        "server: capabilities and extra_capabilities are both given; give one of them",
    ),
    "an explainer without files": (
        {"explainer": {"type": "anchor_tabular"}},
        "explainer.model: field required",
    ),
}


@pytest.mark.parametrize("case", MODEL)
def test_a_model_is_refused_in_one_sentence(case):
    fields, message = MODEL[case]
    assert faults(lambda: v2(**fields)) == [message]


def test_a_name_that_no_stateful_set_could_have_is_refused():
    long = {"stable": {**BOTH["stable"], "version": "1.4.0-rc.1"}}
    assert faults(lambda: v2(name="r" * 35, traffic=long)) == []
    [told] = faults(lambda: v2(name="r" * 36, traffic=long))
    assert told.endswith("has 53 characters, allowed are 52; shorten the service's name or the version")


OTHERS = {
    "no Seldon, a server": (SeldonServerArgs, SERVER, {"foundation": WITHOUT}, f"a Server {LACKS}"),
    "a server's bounds": (
        SeldonServerArgs,
        SERVER,
        {"replicas": 4, "max_replicas": 2},
        "max_replicas is 2, and replicas 4 is not below it; raise it, or leave it out",
    ),
    "no Seldon, an experiment": (
        SeldonExperimentArgs,
        EXPERIMENT,
        {"foundation": WITHOUT},
        f"an Experiment {LACKS}",
    ),
    "weights of nothing": (
        SeldonExperimentArgs,
        EXPERIMENT,
        {"candidates": {"a": 0}},
        "candidates have weights of 0 together, so nothing would be asked; raise one",
    ),
    "a default that is no candidate": (
        SeldonExperimentArgs,
        EXPERIMENT,
        {"default": "c"},
        "default is c, and candidates are a, b; name one of them",
    ),
    "copies to a candidate": (
        SeldonExperimentArgs,
        EXPERIMENT,
        {"mirror": {"name": "a", "percent": 5}},
        "mirror is a, which is a candidate; what gets copies is a model beside them",
    ),
    "an experiment between nothing": (
        SeldonExperimentArgs,
        EXPERIMENT,
        {"candidates": {}},
        "candidates: dictionary should have at least 1 item after validation, not 0",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_servers_and_experiments_are_refused_in_one_sentence(case):
    kind, least, fields, message = OTHERS[case]
    assert faults(lambda: kind.parse({**least, **fields})) == [message]


def steps(*given):
    return {"steps": list(given)}


A, B = {"name": "a"}, {"name": "b", "inputs": ["a"]}
PIPELINES = {
    "no Seldon": ({"foundation": WITHOUT}, f"a Pipeline {LACKS}"),
    "a step twice": (steps(A, A), "a stands there twice; a pipeline passes a model once"),
    "a circle": (
        steps({"name": "a", "inputs": ["b.outputs"]}, B),
        "a asks b asks a, which is a circle; take one of them out, or give max_step_revisits",
    ),
    "a circle by a trigger": (
        steps({"name": "a", "triggers": ["a.outputs"]}),
        "a asks a, which is a circle; take one of them out, or give max_step_revisits",
    ),
    "an input that is a trigger": (
        steps(A, {**B, "triggers": ["a.outputs.ok"]}),
        "steps.b has a as input and as trigger; leave it out of triggers",
    ),
    "a tensor from elsewhere": (
        steps(A, {**B, "tensor_map": {"c.outputs.x": "y"}}),
        "steps.b.tensor_map names c.outputs.x, and comes from a; take it from there",
    ),
    "a join of one": (
        steps(A, {**B, "inputs_join": "any"}),
        "steps.b has inputs_join any and 1 inputs to join; leave it out",
    ),
    "a batch without an end": (
        steps(A, {"name": "b", "batch": {}}),
        "steps.1.batch: nothing ends a batch; give size or window",
    ),
    "an input that is no name": (
        steps(A, {"name": "b", "inputs": ["a.tensors.x"]}),
        "steps.1.inputs.0: string should match pattern '^[a-z0-9][a-z0-9-]*(\\.(inputs|outputs)(\\.[^\\s.]+)?)?$'",
    ),
    "no steps": (steps(), "steps: tuple should have at least 1 item after validation, not 0"),
    "the pipeline's own name": (
        steps({"name": "fraud"}),
        "steps: fraud is the pipeline's own name, too; rename one of them",
    ),
    "an input from nowhere": (
        steps(A, {**B, "inputs": ["c.outputs"]}),
        "steps.b: c.outputs is of no step; steps are a, b, and the pipeline is fraud; name one of these",
    ),
    "an answer from nowhere": (
        {**steps(A), "output": {"steps": ["fraud.inputs"]}},
        "output.steps: fraud.inputs is of no step; steps are a; name one of these",
    ),
}


@pytest.mark.parametrize("case", PIPELINES)
def test_a_pipeline_is_refused_in_one_sentence(case):
    fields, message = PIPELINES[case]
    args = {**PIPELINE, **fields}
    assert faults(lambda: pipeline_objects(SeldonPipelineEndpointArgs.parse(args), "fraud")) == [message]


def test_a_circle_is_allowed_where_it_is_said_how_often():
    spec = pipeline_objects(SeldonPipelineEndpointArgs.parse(MOST_OF_A_PIPELINE), "fraud")["fraud"]["spec"]
    assert (spec["allowCycles"], spec["maxStepRevisits"]) == (True, 10)
    assert [step["name"] for step in spec["steps"]] == ["scale", "drift", "score", "late"]
    assert spec["steps"][2]["joinWindowMs"] == 200


@given(st.lists(st.integers(0, 2**10 - 1), min_size=2, max_size=10))
def test_what_asks_only_what_came_before_is_no_circle_and_one_way_back_makes_one(masks):
    names = [f"s{number}" for number in range(len(masks))]
    asks = {
        name: tuple(other for number, other in enumerate(names[:place]) if masks[place] >> number & 1)
        for place, name in enumerate(names)
    }
    assert circle_of(asks) == []
    asks = {**asks, names[-1]: (*asks[names[-1]], names[0]), names[0]: (f"{names[-1]}.outputs.x",)}
    found = circle_of(asks)
    assert found[0] == found[-1]
    assert len(set(found)) == len(found) - 1
    assert all(step in {each.partition(".")[0] for each in asks[asking]} for asking, step in pairwise(found))


def test_the_least_is_accepted():
    assert faults(lambda: v2(LEAST_V2)) == []
