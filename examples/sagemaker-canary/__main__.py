import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})

version = config.require("version")
files = f"{config.require('models').rstrip('/')}/{version}/"
stable = {
    "version": version,
    "containers": [{"image": config.require("image"), "model_data": files}],
    "instance_type": "ml.m6i.large",
    "scaling": {"min_capacity": 2, "max_capacity": 4, "concurrent_requests": {"target": 4}},
}
ranker = RealtimeEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "variants": {"stable": stable},
        "rollout": {"canary": {"percent": 10, "bake": "10m"}},
        "slo": {"p95": "200ms", "availability": "99.9%"},
        "gates": [{"p99": {"below": "400ms"}, "min_sample": 500}],
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("versions", ranker.versions)
pulumi.export("rollback_alarms", ranker.rollback_alarms)
