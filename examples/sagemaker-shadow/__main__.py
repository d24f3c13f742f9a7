import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
ml = AwsFoundation("ml", {"account": account})


def fleet(version: str) -> dict[str, object]:
    files = f"{config.require('models').rstrip('/')}/{version}/"
    container = {"image": config.require("image"), "model_data": files}
    return {"version": version, "containers": [container], "instance_type": "ml.m6i.large"}


ranker = RealtimeEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "variants": {"stable": {**fleet("1.4.0"), "initial_instance_count": 2}},
        "shadows": {"candidate": {**fleet("1.5.0"), "sample": 20}},
        "slo": {"p95": "200ms", "availability": "99.9%"},
        "capture": {"sample": "100%", "expires": "7d", "encryption": ml.shared.encryption},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("versions", ranker.versions)
