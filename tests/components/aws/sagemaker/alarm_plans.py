"""The monitoring of endpoints of each kind, as plans and as tables of alarms."""

import pulumi
from plans import remembered

from modelberth.aws.sagemaker.alarms import alarm_table
from modelberth.aws.sagemaker.metrics import Capacity
from modelberth.aws.sagemaker.monitoring import (
    EndpointMonitoring,
)
from modelberth.core.rollout import Gate
from modelberth_policies.sources.program import run_in_process

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
SMALL = {"vcpus": 4}
BASE = {
    "account": ACCOUNT,
    "endpoint_name": "prod-ranker",
    "variants": {"stable": SMALL},
    "encryption": {"reason": "a test that has nothing to hide"},
}
SLO = {"p50": "50ms", "p95": "200ms", "p99": "400ms", "availability": "99.9%"}
GATES = [{"error_rate": {"below": "1%"}}, {"p95": {"below": "200ms"}, "min_sample": 50}]
MAX = {
    "variants": {"stable": SMALL, "candidate": {"vcpus": 8, "gpus": 2}},
    "slo": SLO,
    "traffic_expected": True,
    "alerts": TOPIC,
    "encryption": {"arn": KEY},
    "log_retention_days": 90,
    "labels": LABELS,
}
GUARDED = {"slo": {"p95": "200ms"}, "gates": [*GATES, {"saturation": {"below": "80%"}}], "alerts": TOPIC}
KINDS = {
    "realtime": {"stable": Capacity(vcpus=4, gpus=1)},
    "serverless": {"stable": None},
    "asynchronous": {"stable": Capacity(vcpus=4)},
}
MONITORING = "modelberth:index:EndpointMonitoring"


@remembered
def planned(**fields):
    def program():
        made = EndpointMonitoring("ranker-monitoring", {**BASE, **fields})
        pulumi.export("rollback", made.rollback_alarms)
        pulumi.export("logs", made.log_group_name)

    return run_in_process(program)


def gates(*given_):
    return [Gate.parse(gate) for gate in given_]


def roles(kind="realtime", **fields):
    return [alarm.role for alarm in alarm_table("e", kind, KINDS[kind], **fields)]
