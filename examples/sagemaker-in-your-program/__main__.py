import json

import pulumi
import pulumi_aws as aws

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
network = {
    "vpc_id": config.require("vpc"),
    "subnet_ids": config.require_object("subnets"),
    "model_security_group_id": config.require("model_group"),
}
ml = AwsFoundation("ml", {"account": account, "network": network, "encryption": {"arn": config.require("key")}})
container = {"image": config.require("image"), "model_data": config.require("model")}
stable = {"version": "1.4.0", "containers": [container], "instance_type": "ml.m6i.large"}
opts = pulumi.ResourceOptions(provider=ml.provider)
ranker = RealtimeEndpoint("ranker", {"foundation": ml.shared, "variants": {"stable": stable}}, opts)

# From here on: a program as it would be without modelberth.
who = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
trust = json.dumps({"Version": "2012-10-17", "Statement": [who]})
role = aws.iam.Role("caller", assume_role_policy=trust, opts=opts)
granted = ranker.grant_invoke(role, "caller")
caller = aws.lambda_.Function(
    "caller",
    role=role.arn,
    runtime="python3.13",
    handler="caller.answer",
    code=pulumi.FileArchive("caller"),
    environment={"variables": {"ENDPOINT": ranker.name}},
    opts=pulumi.ResourceOptions(provider=ml.provider, depends_on=[granted]),
)
pulumi.export("function", caller.name)
