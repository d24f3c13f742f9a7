"""What the tests of a front door stand on: a foundation, an endpoint that answers nothing, and a plan of both."""

import pulumi
from plans import remembered

from modelberth.aws.api_gateway.api import RestFrontDoor
from modelberth.aws.foundation import Foundation
from modelberth.core.endpoint import MetricQuery
from modelberth_policies.sources.program import run_in_process

ACCOUNT = "123456789012"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000-1111"
ENDPOINT_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/s-ranker"
POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_abc"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:tokens"
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0000"
PRINCIPAL = f"arn:aws:iam::{ACCOUNT}:role/web"
OPEN = {"reason": "shown at the fair", "auth": "keys", "rate_limit": "50/s"}
NETWORK = {
    "vpc_id": "vpc-1",
    "subnet_ids": ("subnet-1", "subnet-2"),
    "model_security_group_id": "sg-1",
    "api_endpoint_id": "vpce-1",
}
FOUNDATION = {
    "account": {"region": REGION, "id": ACCOUNT},
    "network": NETWORK,
    "encryption": {"arn": KEY},
    "registry": {
        "bucket": "artefacts",
        "repository_arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/models",
        "repository_url": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/models",
    },
    "alerts": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts",
    "log_retention_days": 30,
}
LABELS = {
    "owner": "search", "environment": "dev", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
QUERY = MetricQuery(language="cloudwatch", source=REGION, query="[]", unit="share")


class Endpoint(pulumi.ComponentResource):
    """Anything that speaks InvokeEndpoint."""

    def __init__(self, name="ranker", arn=ENDPOINT_ARN, protocols=("sagemaker-runtime",)):
        super().__init__("test:index:Endpoint", name)
        self.url = pulumi.Output.from_input("https://runtime.sagemaker.example")
        self.resource_id = pulumi.Output.from_input(arn)
        self.versions = pulumi.Output.from_input({"1.4.0": 90, "1.5.0": 10})
        self.metrics = pulumi.Output.from_input({"error_rate": QUERY})
        self.protocols = protocols
        self.traffic_control = "service"
        self.api_keys = pulumi.Output.secret({})
        self.ca_certificate_file = None


def foundation(**fields):
    return Foundation.parse({**FOUNDATION, **fields})


@remembered
def planned(endpoint=None, foundation=FOUNDATION, **fields):
    """The plan of one front door, with what it says of itself as outputs."""

    def program():
        before = Endpoint(**(endpoint or {}))
        door = RestFrontDoor("ranker", {"endpoint": before, "foundation": foundation, **fields})
        pulumi.export("url", door.url)
        pulumi.export("keys", door.api_keys)
        pulumi.export("resource_id", door.resource_id)
        pulumi.export("versions", door.versions)
        pulumi.export("metrics", door.metrics.apply(lambda found: sorted(found)))
        pulumi.export("said", [list(door.protocols), door.traffic_control, door.ca_certificate_file])

    return run_in_process(program)
