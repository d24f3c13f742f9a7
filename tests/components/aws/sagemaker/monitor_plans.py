"""Model monitors as plans: the least, and one with all four jobs."""

import json

import pulumi
from plans import remembered

from modelberth.aws.sagemaker.model_monitor.monitor import ModelMonitor
from modelberth_policies.sources.program import run_in_process

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
BASELINE = "s3://artefacts/ranker/baseline"
COMPARED = {"constraints": f"{BASELINE}/constraints.json"}
TRUTH = {"ground_truth": "s3://labels/ranker", "start_offset": "-P1D", "end_offset": "-PT1H"}
DRIFT = {"age": {"metric": "feature_baseline_drift_age", "above": 0.2, "dimensions": {"Feature": "age"}}}
DATA_QUALITY = {**COMPARED, "statistics": f"{BASELINE}/statistics.json", "limits": DRIFT}
MODEL_QUALITY = {
    **COMPARED, **TRUTH, "problem": "BinaryClassification", "probability": "0", "probability_threshold": 0.5,
    "limits": {"f1": {"metric": "f1", "below": 0.8}},
}  # fmt: skip
BIAS = {
    **COMPARED, **TRUTH, "analysis": f"{BASELINE}/bias.json", "features": "features", "inference": "0",
    "limits": {"dppl": {"metric": "bias_metric_DPPL", "above": 0.1, "dimensions": {"Facet": "sex"}}},
}  # fmt: skip
EXPLAINABILITY = {
    **COMPARED, "analysis": f"{BASELINE}/shap.json", "model_name": "prod-ranker-open",
    "schedule": "cron(0 0/6 ? * * *)", "limits": {"age": {"metric": "feature_age", "above": 0.5}},
}  # fmt: skip
ALL = {
    "data_quality": {**DATA_QUALITY, "preprocessor": f"{BASELINE}/flatten.py", "schedule": "cron(0 * ? * * *)"},
    "model_quality": MODEL_QUALITY,
    "bias": BIAS,
    "explainability": EXPLAINABILITY,
}
BASE = {
    "account": ACCOUNT,
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "model_security_group_id": "sg-1"},
    "encryption": {"reason": "a test that has nothing to hide"},
    "endpoint_name": "prod-ranker",
    "captured": "s3://prod-ranker-capture/captured",
    "reports": "s3://artefacts/ranker/reports",
    "jobs": {"data_quality": DATA_QUALITY},
}
MAX = {
    "encryption": {"arn": KEY},
    "jobs": ALL,
    "compute": {"instance_type": "ml.m5.2xlarge", "volume_gib": 50, "longest_seconds": 3600},
    "alerts": TOPIC,
    "retraining": {
        "target_arn": "arn:aws:states:eu-central-1:123456789012:stateMachine:retrain",
        "role_arn": "arn:aws:iam::123456789012:role/retrain",
    },
    "permissions_boundary": "arn:aws:iam::123456789012:policy/bounds",
    "labels": LABELS,
}
MONITOR = "modelberth:index:ModelMonitor"


@remembered
def planned(**fields):
    def program():
        made = ModelMonitor("ranker-monitor", {**BASE, **fields})
        pulumi.export("schedules", made.schedules)

    return run_in_process(program)


def desired(plan):
    """CloudFormation type to the desired state of it."""
    made = plan.of_type("aws:cloudcontrol/resource:Resource")
    return {one.get("typeName"): json.loads(one.get("desiredState")) for one in made}


def statements(**fields):
    (policy,) = planned(**fields).of_type("aws:iam/rolePolicy:RolePolicy")
    return {statement["Sid"]: statement for statement in json.loads(policy.get("policy"))["Statement"]}
