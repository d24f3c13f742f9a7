"""As many SageMaker services on one foundation as the configuration says, through the components."""

from typing import Any

import pulumi

from modelberth.aws.foundation import Foundation
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
FOUNDATION = {
    "account": {"region": "eu-central-1", "id": "123456789012"},
    "network": {
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "model_security_group_id": "sg-1",
    },
    "encryption": {"arn": "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"},
    "registry": {
        "bucket": "models",
        "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/serving",
        "repository_url": f"{ECR}/serving",
    },
    "alerts": "arn:aws:sns:eu-central-1:123456789012:alerts",
}


def endpoint_args(shared: Foundation, number: int) -> dict[str, Any]:
    """One service as a production team asks for it."""
    container = {"image": f"{ECR}/serving@sha256:{number:064x}", "model_data": f"s3://models/ranker-{number}/1.4.0/"}
    stable = {
        "version": "1.4.0",
        "containers": [container],
        "instance_type": "ml.m7i.large",
        "scaling": {"min_capacity": 2, "max_capacity": 8, "invocations_per_instance": {"target": 600}},
    }
    return {
        "foundation": shared,
        "variants": {"stable": stable},
        "rollout": {"canary": {"percent": 10}},
        "slo": {"p95": "200ms", "p99": "500ms", "availability": "99.9%"},
        "labels": {
            "owner": "search",
            "environment": "prod",
            "cost_centre": "4711",
            "service": f"ranker-{number}",
            "model": "ranker",
            "version": "1.4.0",
            "data_classification": "internal",
        },
    }


foundation = Foundation.parse(FOUNDATION, "foundation")
for number in range(pulumi.Config().require_int("services")):
    ranker = RealtimeEndpoint(f"ranker-{number}", endpoint_args(foundation, number))
    pulumi.export(f"ranker-{number}", {"url": ranker.url, "versions": ranker.versions})
