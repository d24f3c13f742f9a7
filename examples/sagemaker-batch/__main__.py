import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import BatchTransform

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})
folder = pulumi.Output.concat("s3://", ml.shared.registry.bucket)

container = {"image": config.require("image"), "model_data": config.require("model")}
records = {"uri": pulumi.Output.concat(folder, "/records/{date}/"), "content_type": "text/csv", "split_type": "Line"}
predictions = {"uri": pulumi.Output.concat(folder, "/scores/{date}/"), "accept": "text/csv", "assemble_with": "Line"}
scores = BatchTransform(
    "scores",
    {
        "foundation": ml.shared,
        "artefact": {"version": "1.4.0", "containers": [container]},
        "instance_type": "ml.m6i.large",
        "input": records,
        "output": predictions,
        "data_processing": {"input_filter": "$[1:]", "join_source": "Input", "output_filter": "$[0,-1]"},
        "schedule": {"expression": "cron(30 2 * * ? *)", "time_zone": "Europe/Berlin"},
        "run": {"timeout": "2h"},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("state_machine", scores.state_machine_arn)
pulumi.export("bucket", ml.shared.registry.bucket)
