import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import AsyncEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})

container = {"image": config.require("image"), "model_data": config.require("model")}
reader = AsyncEndpoint(
    "reader",
    {
        "foundation": ml.shared,
        "artefact": {"version": "1.4.0", "containers": [container]},
        "instance_type": "ml.g5.xlarge",
        "initial_instance_count": 2,
        "requests": {"prefix": "requests/"},
        "answers": {"prefix": "answers/", "failures": "failures/"},
        "scaling": {"min_capacity": 0, "max_capacity": 4, "backlog_per_instance": {"target": 5}},
        "slo": {"p95": "20s", "availability": "99.9%"},
        "rollout": {"blue_green": {"bake": "10m"}},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", reader.url)
pulumi.export("endpoint", reader.name)
pulumi.export("bucket", reader.payloads)
