"""What the tests of inference components deploy."""

from typing import Any

import pulumi
from plans import remembered

from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs
from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint
from modelberth.core.endpoint import ServingEndpoint
from modelberth_policies.resources import Plan
from modelberth_policies.sources.program import run_in_process

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
IMAGE = f"{ECR}/serving@sha256:{'1' * 64}"
FOUNDATION: dict[str, Any] = {
    "account": ACCOUNT,
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"], "model_security_group_id": "sg-1"},
    "encryption": {"arn": "arn:aws:kms:eu-central-1:123456789012:key/1"},
    "registry": {
        "bucket": "models",
        "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/serving",
        "repository_url": f"{ECR}/serving",
    },
}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
MODEL: dict[str, Any] = {
    "version": "1.4.0",
    "container": {"image": IMAGE, "model_data": "s3://models/ranker/1.4.0/"},
    "requirements": {"min_memory_mib": 1024},
}
SLEEPING = {**MODEL, "scaling": {"min_capacity": 0, "max_capacity": 2, "concurrent_requests_per_copy": {"target": 4}}}
LEAST: dict[str, Any] = {
    "foundation": FOUNDATION,
    "instance_type": "ml.m7i.large",
    "instances": {"min_instance_count": 0, "max_instance_count": 2},
    "components": {"stable": SLEEPING},
}
"""What cannot be left out: one model that sleeps."""

AWAKE = {**LEAST, "instances": {"min_instance_count": 1, "max_instance_count": 1}, "components": {"stable": MODEL}}
"""One model with one copy, always there."""

MOST: dict[str, Any] = {
    **LEAST,
    "foundation": {
        **FOUNDATION,
        "alerts": "arn:aws:sns:eu-central-1:123456789012:alarms",
        "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
        "log_retention_days": 30,
    },
    "instance_type": "ml.g5.2xlarge",
    "instances": {"min_instance_count": 2, "max_instance_count": 6},
    "components": {
        "ranker": {
            **MODEL,
            "requirements": {"min_memory_mib": 1024, "max_memory_mib": 2048, "cpu_cores": 1.5, "accelerators": 1},
            "scaling": {
                "min_capacity": 2, "max_capacity": 4, "invocations_per_copy": {"target": 60},
                "schedule": [{"cron": "0 20 * * *", "min": 2, "max": 3}],
            },
            "startup_timeout_seconds": 600,
            "download_timeout_seconds": 900,
        },
        "speller": {
            "version": "2.0.1",
            "container": {"image": IMAGE, "model_data": "s3://models/speller/2.0.1/model.tar.gz"},
            "requirements": {"min_memory_mib": 512},
            "copies": 2,
        },
    },
    "primary": "ranker",
    "routing": "RANDOM",
    "rolling": {"batch": 50, "interval": "5m"},
    "slo": {"p95": "200ms", "p99": "500ms", "availability": "99.9%"},
    "outbound": {"reason": "it asks a feature store"},
    "labels": LABELS,
}  # fmt: skip
"""Every field."""


def arguments(given: dict[str, Any]) -> InferenceComponentEndpointArgs:
    """The validated arguments."""
    return InferenceComponentEndpointArgs.parse(given, "ranker")


@remembered
def planned(given: dict[str, Any]) -> Plan:
    """The plan of one endpoint, with what it says of itself as outputs."""

    def program() -> None:
        endpoint = InferenceComponentEndpoint("ranker", given)
        assert isinstance(endpoint, ServingEndpoint)
        said = {
            "url": endpoint.url,
            "versions": endpoint.versions,
            "component_names": endpoint.component_names,
            "rollback_alarms": endpoint.rollback_alarms,
            "api_keys": endpoint.api_keys,
            "signals": endpoint.metrics.apply(sorted),
            "protocols": list(endpoint.protocols),
            "traffic_control": endpoint.traffic_control,
        }
        for name, value in said.items():
            pulumi.export(name, value)

    return run_in_process(program, stack="prod")
