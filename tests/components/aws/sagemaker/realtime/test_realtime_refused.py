"""Real-time endpoints that cannot be meant: each with its exact message."""

import pytest
from components.aws.sagemaker.samples import (
    CONTAINER,
    KEY,
    NEWER,
    REALTIME,
    SLO,
    VARIANT,
    faults,
    planned,
)  # fmt: skip

from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.core.errors import ConfigError

SCALING = {"min_capacity": 2, "max_capacity": 8, "concurrent_requests": {"target": 4}}
RANGE = {"min_capacity": 1, "max_capacity": 2}
TWO = {"stable": {**VARIANT, "weight": 90}, "candidate": {**NEWER, "weight": 10}}
CANARY = {"canary": {"percent": 10}}


def variant(**fields):
    return {"variants": {"stable": {**VARIANT, **fields}}}


REFUSED = {
    "no variant": ({"variants": {}}, "variants: dictionary should have at least 1 item after validation, not 0"),
    "weights that do not sum": (
        {"variants": {"stable": {**VARIANT, "weight": 90}, "candidate": {**NEWER, "weight": 20}}},
        "variants: weights are stable 90, candidate 20, together 110; together they must be 100",
    ),
    "one variant at half": (
        variant(weight=50), "variants: weights are stable 50, together 50; together they must be 100",
    ),
    "a weight of 101": (
        variant(weight=101), "variants.stable.weight: got 101, input should be less than or equal to 100",
    ),
    "a negative weight": (
        variant(weight=-1), "variants.stable.weight: got -1, input should be greater than or equal to 0",
    ),
    "eleven variants": (
        {"variants": {f"v{i}": {**VARIANT, "weight": 100 if i == 0 else 0} for i in range(11)}},
        "variants: dictionary should have at most 10 items after validation, not more",
    ),
    "a variant's name with an underscore": (
        {"variants": {"my_model": VARIANT}},
        "variants.my_model.[key]: not a name; write letters, digits and hyphens, 63 at most",
    ),
    "two shadows": (
        {"shadows": {"a": NEWER, "b": NEWER}},
        "shadows: dictionary should have at most 1 item after validation, not more",
    ),
    "a shadow beside two variants": (
        {"variants": TWO, "shadows": {"next": NEWER}},
        "shadows: there are 2 variants, and a shadow stands beside one; leave one",
    ),
    "a shadow named like a variant": (
        {"shadows": {"stable": NEWER}}, "shadows: stable is the name of a variant too; rename it",
    ),
    "a shadow without copies": (
        {"shadows": {"next": {**NEWER, "sample": 0}}},
        "shadows.next.sample: got 0, input should be greater than or equal to 1",
    ),
    "a shadow of several containers": (
        {"shadows": {"next": {**NEWER, "containers": [CONTAINER, CONTAINER]}}},
        "shadows: next has several models or containers, and SageMaker copies no requests then; leave one",
    ),
    "a shadow on Inf1": (
        {"shadows": {"next": {**NEWER, "instance_type": "ml.inf1.xlarge"}}},
        "shadows: next is on Inf1, where SageMaker copies no requests; take Inf2",
    ),
    "a shadow that scales": (
        {"shadows": {"next": {**NEWER, "scaling": SCALING}}},
        "shadows.next.scaling: no such field; allowed: version, containers, execution, many, instance_type, "
        "initial_instance_count, volume_gib, startup_timeout_seconds, sample",
    ),
    "a canary without SLO and gates": (
        {"rollout": CANARY}, "rollout.canary: nothing says when to roll back; give slo or gates",
    ),
    "gates without a rollout": (
        {"gates": [{"p95": {"below": 1}}]},
        "gates: nothing is rolled back without a rollout; give rollout, or leave gates out",
    ),
    "rolling with two variants": (
        {"variants": TWO, "rollout": {"rolling": {"batch": 20}}, "slo": SLO},
        "rollout.rolling: there are 2 variants, and SageMaker rolls one; take blue_green",
    ),
    "two strategies": (
        {"rollout": {"canary": {"percent": 10}, "blue_green": {}}, "slo": SLO},
        "rollout: got blue_green and canary; one of blue_green, canary, linear, rolling is needed",
    ),
    "a canary of 60 %": (
        {"rollout": {"canary": {"percent": 60}}, "slo": SLO},
        "rollout.canary.percent: got 60, input should be less than or equal to 50",
    ),
    "a rollout that outlasts the provider's wait": (
        {"rollout": {"linear": {"step": 10, "interval": "10m"}}, "slo": SLO},
        "rollout: linear takes 110 minutes with 10 for the instances; the provider waits 60; make the steps fewer "
        "or the times shorter",
    ),
    "Inf1 under guard": (
        {**variant(instance_type="ml.inf1.xlarge"), "rollout": {"blue_green": {}}, "slo": SLO},
        "rollout.blue_green: stable is on Inf1, which SageMaker does not guard; take Inf2",
    ),
    "a gate that compares versions": (
        {"rollout": CANARY, "gates": [{"p95": {"times_stable": 1.2}}]},
        "gates.0.p95.times_stable: an alarm has no other version to compare with; write below",
    ),
    "two gates of one signal": (
        {"rollout": CANARY, "gates": [{"p95": {"below": 1}}, {"p95": {"below": 2}}]},
        "gates.1.p95: p95 has a gate already; keep the stricter one",
    ),
    "a gate that nothing measures": (
        {"rollout": CANARY, "gates": [{"prediction_drift": {"below": 1}}]},
        "gates.0.prediction_drift: SageMaker publishes no distance between the predictions of two versions; leave "
        "it out",
    ),
    "more alarms than roll back": (
        {"variants": TWO, "rollout": CANARY, "slo": {"p50": 1, "p95": 1, "p99": 1},
         "gates": [{"p95": {"below": 1}}, {"error_rate": {"below": 0.1}}]},
        "rollout.canary: 2 variants with 4 limits of the SLO and 2 gates are 12 alarms, and SageMaker rolls back on"
        " 10 at most; leave gates out, or variants",
    ),
    "local storage beside volumes": (
        {"variants": {"stable": {**VARIANT, "weight": 50}, "gpu": {**NEWER, "weight": 50,
         "instance_type": "ml.g5.xlarge"}}},
        "variants: gpu has local storage, which takes no volume key, and the others need one; take instance types "
        "of one sort",
    ),
    "a volume on local storage": (
        variant(instance_type="ml.g5.xlarge", volume_gib=100),
        "variants.stable: volume_gib is 100, but ml.g5.xlarge has local storage and takes no volume; leave it out",
    ),
    "a volume of 513 GiB": (
        variant(volume_gib=513), "variants.stable.volume_gib: got 513, input should be less than or equal to 512",
    ),
    "burstable with autoscaling": (
        variant(instance_type="ml.t2.large", scaling=SCALING),
        "variants.stable: scaling: ml.t2.large is burstable, and its load says nothing of its capacity; take a type"
        " such as ml.m7i.large, or leave scaling out",
    ),
    "a first count below the floor": (
        variant(initial_instance_count=1, scaling=SCALING),
        "variants.stable: initial_instance_count is 1, below scaling.min_capacity 2, and every update goes back to "
        "it; write 2 or more",
    ),
    "a first count above the ceiling": (
        variant(initial_instance_count=9, scaling=SCALING),
        "variants.stable: initial_instance_count is 9, above scaling.max_capacity 8; raise max_capacity or lower it",
    ),
    "no instance": (
        variant(initial_instance_count=0),
        "variants.stable.initial_instance_count: got 0, input should be greater than or equal to 1",
    ),
    "scaling down to none": (
        variant(scaling={**SCALING, "min_capacity": 0}),
        "variants.stable.scaling.min_capacity: got 0, input should be greater than or equal to 1",
    ),
    "the backlog of another kind": (
        variant(scaling={**RANGE, "backlog_per_instance": {"target": 5}}),
        "variants.stable.scaling.backlog_per_instance: no such field; allowed: min_capacity, max_capacity, "
        "invocations_per_instance, concurrent_requests, cpu_utilization, gpu_utilization, load_test, steps, "
        "schedule, scale_in_cooldown, scale_out_cooldown; did you mean 'invocations_per_instance'?",
    ),
    "GPU scaling without a GPU": (
        variant(scaling={**RANGE, "gpu_utilization": {"target": 0.7}}),
        "variants.stable: scaling: ml.m7i.large has no GPU, and gpu_utilization is set; take cpu_utilization",
    ),
    "an unknown instance type": (
        variant(instance_type="ml.m7i.medium"),
        "variants.stable.instance_type: got 'ml.m7i.medium', no known instance type for hosting; nearest: "
        "ml.m8g.medium, ml.r7gd.medium, ml.t2.medium",
    ),
    "an instance type of EC2": (
        variant(instance_type="m7i.large"),
        "variants.stable.instance_type: no known instance type for hosting; nearest: ml.m7i.large",
    ),
    "an unknown field": (
        {"rolout": CANARY},
        "rolout: no such field; allowed: foundation, variants, shadows, rollout, slo, gates, traffic_expected, "
        "capture, outbound, labels; did you mean 'rollout'?",
    ),
    "an unknown field of a variant": (
        variant(instance_typ="ml.m7i.large"),
        "variants.stable.instance_typ: no such field; allowed: version, containers, execution, many, instance_type,"
        " initial_instance_count, volume_gib, startup_timeout_seconds, weight, scaling; did you mean "
        "'instance_type'?",
    ),
    "a capture without expiry": (
        {"capture": {"sample": "5%", "encryption": {"arn": KEY}}}, "capture.expires: field required",
    ),
    "a network without a reason": (
        {"outbound": {"reason": "why"}}, "outbound.reason: string should have at least 10 characters",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    fields, message = REFUSED[case]
    assert faults(lambda: RealtimeEndpointArgs.parse({**REALTIME, **fields})) == [message]


def test_a_latency_of_0_is_refused():
    with pytest.raises(ConfigError) as error:
        planned(RealtimeEndpoint, {**REALTIME, "slo": {"p95": 0}})
    told = "prod-ranker: slo.p95 is 0, and no answer takes no time; write a time above 0"
    assert [str(fault) for fault in error.value.faults] == [told]
