import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import ModelMonitor, RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
ml = AwsFoundation("ml", {"account": account, "alerts": {"emails": [config.require("email")]}})
shared, opts = ml.shared, pulumi.ResourceOptions(provider=ml.provider)

container = {"image": config.require("image"), "model_data": config.require("model")}
stable = {"version": "1.4.0", "containers": [container], "instance_type": "ml.m6i.large", "initial_instance_count": 2}
capture = {"sample": "20%", "expires": "30d", "encryption": shared.encryption}
ranker = RealtimeEndpoint("ranker", {"foundation": shared, "variants": {"stable": stable}, "capture": capture}, opts)

baseline = config.require("baseline").rstrip("/")
drift = {"metric": "feature_baseline_drift_age", "above": 0.2, "dimensions": {"Feature": "age"}}
monitor = ModelMonitor(
    "ranker-monitor",
    {
        "account": account,
        "network": shared.network,
        "encryption": shared.encryption,
        "endpoint_name": ranker.name,
        "captured": ranker.captured,
        "reports": pulumi.Output.concat("s3://", shared.registry.bucket, "/reports/ranker"),
        "jobs": {
            "data_quality": {
                "constraints": f"{baseline}/constraints.json",
                "statistics": f"{baseline}/statistics.json",
                "limits": {"age": drift},
            }
        },
        "alerts": shared.alerts,
    },
    opts,
)
pulumi.export("retraining_rule", monitor.rule_arn)
