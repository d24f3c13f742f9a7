import pulumi

from modelberth.aws.foundation import AwsFoundation
from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
shared = AwsFoundation("shared", {"account": account})

ranker = {
    "version": "1.4.0",
    "container": {"image": config.require("image"), "model_data": config.require("model")},
    "requirements": {"min_memory_mib": 1024, "cpu_cores": 1},
    "scaling": {"min_capacity": 0, "max_capacity": 2, "concurrent_requests_per_copy": {"target": 4}},
}
endpoint = InferenceComponentEndpoint(
    "ranker",
    {
        "foundation": shared.shared,
        "instance_type": "ml.m7i.large",
        "instances": {"min_instance_count": 0, "max_instance_count": 2},
        "components": {"ranker": ranker},
        "slo": {"p95": "200ms", "availability": "99.9%"},
    },
    pulumi.ResourceOptions(provider=shared.provider),
)
pulumi.export("url", endpoint.url)
pulumi.export("component", endpoint.component_names["ranker"])
