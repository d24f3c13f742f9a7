import json

import pulumi
import pulumi_aws as aws

from modelberth.aws import AwsFoundation
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
vpc, group = config.require("vpc"), config.require("model_group")
network = {"vpc_id": vpc, "subnet_ids": config.require_object("subnets"), "model_security_group_id": group}
key, prod = config.require("key"), pulumi.get_stack() == "prod"
watched = {"alerts": {"emails": [config.require("email")]}, "budget": {"limit_usd": 1000}, "protect": prod}
ml = AwsFoundation("ml", {"account": account, "network": network, "encryption": {"arn": key}, **watched})
opts = pulumi.ResourceOptions(provider=ml.provider)
container = {"image": config.require("image"), "model_data": config.require("model")}
scaling = {"min_capacity": 2, "max_capacity": 4, "concurrent_requests": {"target": 4}}
stable = {"version": "1.4.0", "containers": [container], "instance_type": "ml.m6i.large", "scaling": scaling}
guarded = {"slo": {"p95": "200ms", "availability": "99.9%"}, "rollout": {"blue_green": {"bake": "10m"}}}
ranker = RealtimeEndpoint("ranker", {"foundation": ml.shared, "variants": {"stable": stable}, **guarded}, opts)

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
    kms_key_arn=key,
    reserved_concurrent_executions=10,
    opts=pulumi.ResourceOptions(provider=ml.provider, depends_on=[granted]),
)
pulumi.export("function", caller.name)
