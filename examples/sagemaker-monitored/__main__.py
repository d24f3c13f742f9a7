import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import ModelMonitor, RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})
owner = {"owner": "search", "environment": pulumi.get_stack(), "cost_centre": "4711", "data_classification": "internal"}
labels = {**owner, "service": "ranker", "model": "ranker", "version": "1.4.0"}
shared, opts = ml.shared, pulumi.ResourceOptions(provider=ml.provider)

container = {"image": config.require("image"), "model_data": config.require("model")}
scaling = {"min_capacity": 2, "max_capacity": 4, "concurrent_requests": {"target": 4}}
stable = {"version": "1.4.0", "containers": [container], "instance_type": "ml.m6i.large", "scaling": scaling}
guarded = {"slo": {"p95": "200ms", "availability": "99.9%"}, "rollout": {"blue_green": {"bake": "10m"}}}
capture = {"sample": "20%", "expires": "30d", "encryption": shared.encryption}
kept = {"capture": capture, "labels": labels}
ranker = RealtimeEndpoint("ranker", {"foundation": shared, "variants": {"stable": stable}, **guarded, **kept}, opts)

baseline = config.require("baseline").rstrip("/")
drift = {"metric": "feature_baseline_drift_age", "above": 0.2, "dimensions": {"Feature": "age"}}
quality = {"constraints": f"{baseline}/constraints.json", "statistics": f"{baseline}/statistics.json"}
monitor = ModelMonitor(
    "ranker-monitor",
    {
        "account": account,
        "network": shared.network,
        "encryption": shared.encryption,
        "endpoint_name": ranker.name,
        "captured": ranker.captured,
        "reports": pulumi.Output.concat("s3://", shared.registry.bucket, "/reports/ranker"),
        "jobs": {"data_quality": {**quality, "limits": {"age": drift}}},
        "alerts": shared.alerts,
    },
    opts,
)
pulumi.export("retraining_rule", monitor.rule_arn)
