"""Scaling that cannot be meant: each with its exact message, whatever the kind of endpoint."""

import re

import pytest

from modelberth.aws.sagemaker.asynchronous.scaling import Scaling as Asynchronous
from modelberth.aws.sagemaker.components.scaling import Scaling as Components
from modelberth.aws.sagemaker.instances import instance
from modelberth.aws.sagemaker.realtime.scaling import Scaling as Realtime
from modelberth.aws.sagemaker.serverless.scaling import ProvisionedConcurrency
from modelberth.core.errors import ConfigError

RANGE = {"min_capacity": 1, "max_capacity": 4}
NIGHT = {"cron": "0 20 * * *", "min": 0, "max": 4}
REALTIME_FIELDS = (
    "min_capacity, max_capacity, invocations_per_instance, concurrent_requests, cpu_utilization, gpu_utilization, "
    "load_test, steps, schedule, scale_in_cooldown, scale_out_cooldown"
)
ASYNC_FIELDS = "min_capacity, max_capacity, backlog_per_instance, schedule, scale_in_cooldown, scale_out_cooldown"
STEPS = {"on": "cpu_utilization", "add": [{"at": 0.8, "change": 1}], "remove": [{"at": 0.2, "change": 1}]}

REFUSED = {
    "realtime: floor above ceiling": (
        Realtime, {"min_capacity": 5, "max_capacity": 4},
        "min_capacity is 5, above max_capacity 4; raise max_capacity or lower min_capacity",
    ),
    "realtime: down to none": (
        Realtime, {"min_capacity": 0},
        "min_capacity: got 0, input should be greater than or equal to 1",
    ),
    "realtime: down to none at night": (
        Realtime, {"schedule": [NIGHT]},
        "the schedule '0 20 * * *' has min 0, and a real-time variant does not go down to 0; write 1",
    ),
    "realtime: no ceiling": (Realtime, {"max_capacity": None}, "max_capacity: input should be a valid integer"),
    "realtime: two signals": (
        Realtime, {"concurrent_requests": {"target": 4}, "load_test": {"max_requests_per_second": 10}},
        "got concurrent_requests and load_test; one signal is tracked, take one of them",
    ),
    "realtime: three signals": (
        Realtime,
        {"concurrent_requests": {"target": 4}, "cpu_utilization": {"target": 0.5}, "gpu_utilization": {"target": 0.5}},
        "got concurrent_requests and cpu_utilization and gpu_utilization; one signal is tracked, take one of them",
    ),
    "realtime: the backlog of another kind": (
        Realtime, {"backlog_per_instance": {"target": 5}},
        f"backlog_per_instance: no such field; allowed: {REALTIME_FIELDS}; did you mean 'invocations_per_instance'?",
    ),
    "realtime: a signal, and no room to move": (
        Realtime, {"max_capacity": 1, "cpu_utilization": {"target": 0.7}},
        "cpu_utilization is set, but min_capacity and max_capacity are both 1, so nothing moves; raise max_capacity, "
        "or leave cpu_utilization out",
    ),
    "realtime: a target of 0": (
        Realtime, {"concurrent_requests": {"target": 0}},
        "concurrent_requests.target: got 0, input should be greater than 0",
    ),
    "realtime: a target below 0": (
        Realtime, {"invocations_per_instance": {"target": -5}},
        "invocations_per_instance.target: got -5, input should be greater than 0",
    ),
    "realtime: nothing in use": (
        Realtime, {"cpu_utilization": {"target": "0%"}},
        "cpu_utilization.target: input should be greater than 0",
    ),
    "realtime: more in use than there is": (
        Realtime, {"cpu_utilization": {"target": 70}},
        "cpu_utilization.target: got 70, input should be less than or equal to 1",
    ),
    "realtime: a load test without requests": (
        Realtime, {"load_test": {"max_requests_per_second": 0}},
        "load_test.max_requests_per_second: got 0, input should be greater than 0",
    ),
    "realtime: a safety above all": (
        Realtime, {"load_test": {"max_requests_per_second": 10, "safety": 1.5}},
        "load_test.safety: got 1.5, input should be less than or equal to 1",
    ),
    "realtime: a negative cooldown": (
        Realtime, {"scale_in_cooldown": -1},
        "scale_in_cooldown: got -1, input should be greater than or equal to 0",
    ),
    "realtime: a cooldown in no unit": (
        Realtime, {"scale_out_cooldown": "5 weeks"},
        "scale_out_cooldown: not an amount with one of the units ms, s, m, h, d; write for example '200ms'",
    ),
    "realtime: steps out only, and nothing tracked": (
        Realtime, {"steps": {**STEPS, "remove": []}},
        "steps add instances, and nothing removes them; give steps.remove or a signal to track",
    ),
    "realtime: steps that meet": (
        Realtime, {"steps": {**STEPS, "remove": [{"at": 0.8, "change": 1}]}},
        "steps: remove begins at 0.8, add at 0.8, so both apply at once; lower remove",
    ),
    "realtime: steps in percent": (
        Realtime, {"steps": {**STEPS, "add": [{"at": 60, "change": 1}]}},
        "steps: a step is at 60, and cpu_utilization is a share; write 0.6 for percent",
    ),
    "realtime: a step that always holds": (
        Realtime, {"steps": {"on": "concurrent_requests", "add": [{"at": 0, "change": 1}]}},
        "steps: add begins at 0, which always holds; raise it",
    ),
    "realtime: steps on what is not watched": (
        Realtime, {"steps": {**STEPS, "on": "memory"}},
        "steps.on: input should be 'invocations_per_instance', 'concurrent_requests', 'cpu_utilization' or "
        "'gpu_utilization'",
    ),
    "realtime: a schedule that is none": (
        Realtime, {"schedule": [{"cron": "daily", "min": 1, "max": 2}]},
        "schedule: the schedule 'daily' has 1 fields; write five: minute, hour, day of month, month, day of week",
    ),
    "realtime: a schedule that AWS cannot say": (
        Realtime, {"schedule": [{"cron": "0 8 1 * 1", "min": 1, "max": 2}]},
        "schedule: the schedule '0 8 1 * 1' has a day of month and a day of week; AWS takes one, write two entries",
    ),
    "realtime: a schedule with floor above ceiling": (
        Realtime, {"schedule": [{"cron": "0 8 * * *", "min": 3, "max": 2}]},
        "schedule.0: min is 3, above max 2; raise max or lower min",
    ),
    "serverless: no warm capacity": (
        ProvisionedConcurrency, {"min_capacity": 0},
        "min_capacity: got 0, input should be greater than or equal to 1",
    ),
    "serverless: above what AWS gives": (
        ProvisionedConcurrency, {"max_capacity": 201},
        "max_capacity: got 201, input should be less than or equal to 200",
    ),
    "serverless: floor above ceiling": (
        ProvisionedConcurrency, {"min_capacity": 5},
        "min_capacity is 5, above max_capacity 4; raise max_capacity or lower min_capacity",
    ),
    "serverless: none at night": (
        ProvisionedConcurrency, {"schedule": [NIGHT]},
        "the schedule '0 20 * * *' has min 0, and provisioned concurrency does not go down to 0; write 1",
    ),
    "serverless: a signal, and no room to move": (
        ProvisionedConcurrency, {"max_capacity": 1, "utilization": {"target": 0.7}},
        "utilization is set, but min_capacity and max_capacity are both 1, so nothing moves; raise max_capacity, or "
        "leave utilization out",
    ),
    "serverless: instances of another kind": (
        ProvisionedConcurrency, {"cpu_utilization": {"target": 0.7}},
        "cpu_utilization: no such field; allowed: min_capacity, max_capacity, utilization, schedule, "
        "scale_in_cooldown, scale_out_cooldown; did you mean 'utilization'?",
    ),
    "asynchronous: none, and nothing goes down to it": (
        Asynchronous, {"min_capacity": 0},
        "the floor is 0, and nothing goes down to it; give backlog_per_instance, or write 1",
    ),
    "asynchronous: none at night, and nothing goes down to it": (
        Asynchronous, {"schedule": [NIGHT]},
        "the floor is 0, and nothing goes down to it; give backlog_per_instance, or write 1",
    ),
    "asynchronous: the concurrency of another kind": (
        Asynchronous, {"concurrent_requests": {"target": 4}},
        f"concurrent_requests: no such field; allowed: {ASYNC_FIELDS}",
    ),
    "asynchronous: a backlog of 0": (
        Asynchronous, {"backlog_per_instance": {"target": 0}},
        "backlog_per_instance.target: got 0, input should be greater than 0",
    ),
    "components: none, and nothing goes down to it": (
        Components, {"min_capacity": 0},
        "the floor is 0, and nothing goes down to it; give invocations_per_copy or concurrent_requests_per_copy, or "
        "write 1",
    ),
    "components: two signals": (
        Components, {"invocations_per_copy": {"target": 5}, "concurrent_requests_per_copy": {"target": 5}},
        "got invocations_per_copy and concurrent_requests_per_copy; one signal is tracked, take one of them",
    ),
    "components: a ceiling of 0": (
        Components, {"min_capacity": 0, "max_capacity": 0, "invocations_per_copy": {"target": 5}},
        "max_capacity: got 0, input should be greater than or equal to 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_contradiction_is_refused(case):
    kind, fields, message = REFUSED[case]
    with pytest.raises(ConfigError) as error:
        kind.parse({**RANGE, **fields})
    assert [str(fault) for fault in error.value.faults] == [message]


CHECKED = {
    "burstable": (
        Realtime, {}, "ml.t2.large", None,
        "scaling: ml.t2.large is burstable, and its load says nothing of its capacity; take a type such as "
        "ml.m7i.large, or leave scaling out",
    ),
    "burstable behind a queue": (
        Asynchronous, {}, "ml.t2.large", None,
        "scaling: ml.t2.large is burstable, and its load says nothing of its capacity; take a type such as "
        "ml.m7i.large, or leave scaling out",
    ),
    "starts below its floor": (
        Realtime, {"min_capacity": 2}, "ml.m7i.large", 1,
        "initial_instance_count is 1, below scaling.min_capacity 2, and every update goes back to it; write 2 or more",
    ),
    "starts above its ceiling": (
        Asynchronous, {}, "ml.m7i.large", 5,
        "initial_instance_count is 5, above scaling.max_capacity 4; raise max_capacity or lower it",
    ),
    "no GPU": (
        Realtime, {"gpu_utilization": {"target": 0.7}}, "ml.m7i.large", None,
        "scaling: ml.m7i.large has no GPU, and gpu_utilization is set; take cpu_utilization",
    ),
    "steps on no GPU": (
        Realtime, {"steps": {**STEPS, "on": "gpu_utilization"}}, "ml.m7i.large", None,
        "scaling: ml.m7i.large has no GPU, and gpu_utilization is set; take cpu_utilization",
    ),
    "a Neuron device is no GPU": (
        Realtime, {"gpu_utilization": {"target": 0.7}}, "ml.inf2.xlarge", None,
        "scaling: ml.inf2.xlarge has no GPU, and gpu_utilization is set; take cpu_utilization",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHECKED)
def test_instances_that_cannot_scale_so_are_refused(case):
    kind, fields, type_name, initial, message = CHECKED[case]
    scaling = kind.parse({**RANGE, **fields})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        scaling.check(instance(type_name), initial)


@pytest.mark.parametrize("fields", [{}, {"schedule": [{"cron": "0 8 * * *", "min": 1, "max": 9}], "max_capacity": 2}])
def test_more_warm_than_answered_at_once_is_refused(fields):
    ceiling = 9 if fields else 4
    message = (
        f"provisioned concurrency goes up to {ceiling}, above max_concurrency 3; raise max_concurrency or lower it"
    )
    provisioned = ProvisionedConcurrency.parse({**RANGE, **fields})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        provisioned.check(3)
