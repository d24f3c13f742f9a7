import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})

stable = {
    "version": "1.4.0",
    "containers": [{"image": config.require("image"), "model_data": config.require("model")}],
    "instance_type": "ml.m6i.large",
    "scaling": {
        "min_capacity": 2,
        "max_capacity": 8,
        "load_test": {"max_requests_per_second": "40/s", "safety": "60%"},
        "schedule": [
            {"cron": "30 6 * * MON-FRI", "min": 4, "max": 8},
            {"cron": "0 19 * * MON-FRI", "min": 2, "max": 8},
        ],
    },
}
ranker = RealtimeEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "variants": {"stable": stable},
        "rollout": {"blue_green": {"bake": "10m"}},
        "slo": {"p95": "200ms", "availability": "99.9%"},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("endpoint", ranker.name)
