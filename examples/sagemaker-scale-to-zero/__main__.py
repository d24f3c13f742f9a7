import pulumi

from modelberth.aws.foundation import AwsFoundation
from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
given = {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod}
shared = AwsFoundation("shared", given)
# In production two stay awake: while a model wakes, its callers get errors.
least = 2 if prod else 0

ranker = {
    "version": "1.4.0",
    "container": {"image": config.require("image"), "model_data": config.require("model")},
    "requirements": {"min_memory_mib": 1024, "cpu_cores": 1},
    "scaling": {"min_capacity": least, "max_capacity": 4, "concurrent_requests_per_copy": {"target": 4}},
}
endpoint = InferenceComponentEndpoint(
    "ranker",
    {
        "foundation": shared.shared,
        "instance_type": "ml.m7i.large",
        "instances": {"min_instance_count": least, "max_instance_count": 4},
        "components": {"ranker": ranker},
        "slo": {"p95": "200ms", "availability": "99.9%"},
    },
    pulumi.ResourceOptions(provider=shared.provider),
)
pulumi.export("url", endpoint.url)
pulumi.export("component", endpoint.component_names["ranker"])
