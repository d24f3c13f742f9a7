import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import ServerlessEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})

container = {"image": config.require("image"), "model_data": config.require("archive")}
ranker = ServerlessEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "artefact": {"version": "1.4.0", "containers": [container]},
        "memory_size_mb": 2048,
        "max_concurrency": 20,
        "provisioned_concurrency": {"min_capacity": 1, "max_capacity": 5, "utilization": {"target": "70%"}},
        "slo": {"p95": "500ms", "availability": "99.9%"},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("endpoint", ranker.name)
