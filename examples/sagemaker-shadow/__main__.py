import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})
owner = {"owner": "search", "environment": pulumi.get_stack(), "cost_centre": "4711", "data_classification": "internal"}
labels = {**owner, "service": "ranker", "model": "ranker", "version": "1.4.0"}


def fleet(version: str) -> dict[str, object]:
    files = f"{config.require('models').rstrip('/')}/{version}/"
    container = {"image": config.require("image"), "model_data": files}
    return {"version": version, "containers": [container], "instance_type": "ml.m6i.large"}


scaling = {"min_capacity": 2, "max_capacity": 4, "concurrent_requests": {"target": 4}}
ranker = RealtimeEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "variants": {"stable": {**fleet("1.4.0"), "scaling": scaling}},
        "shadows": {"candidate": {**fleet("1.5.0"), "sample": 20}},
        "rollout": {"blue_green": {"bake": "10m"}},
        "slo": {"p95": "200ms", "availability": "99.9%"},
        "capture": {"sample": "20%", "expires": "7d", "encryption": ml.shared.encryption},
        "labels": labels,
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("versions", ranker.versions)
