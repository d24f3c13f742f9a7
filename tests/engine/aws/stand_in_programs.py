"""Small programs of which the tests of the stand-in are made. `provider` and `opts()` are there already."""

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/ranker@sha256:" + "1" * 64

ENDPOINT = f"""
settings = pulumi.Config()
version = settings.get("version") or "1"
variants = (settings.get("variants") or "blue").split(",")
machine = settings.get("machine") or "ml.m5.large"
role = aws.iam.Role("role", name="ranker", assume_role_policy=json.dumps({{"Version": "2012-10-17", "Statement": []}}),
    opts=opts())
alarm = aws.cloudwatch.MetricAlarm("errors", name="ranker-errors", comparison_operator="GreaterThanThreshold",
    evaluation_periods=1, opts=opts())
model = aws.sagemaker.Model("model", name=f"ranker-{{version}}", execution_role_arn=role.arn,
    primary_container={{"image": "{IMAGE}", "environment": {{"VERSION": version}}}},
    opts=opts(delete_before_replace=False))
config = aws.sagemaker.EndpointConfiguration("config", name=f"ranker-{{version}}",
    production_variants=[{{"variant_name": name, "model_name": model.name, "instance_type": machine,
        "initial_instance_count": 2, "initial_variant_weight": 0.5}} for name in variants],
    opts=opts(delete_before_replace=False))
endpoint = aws.sagemaker.Endpoint("endpoint", name="ranker", endpoint_config_name=config.name, deployment_config={{
    "blue_green_update_policy": {{
        "traffic_routing_configuration": {{"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 60}}}},
    "auto_rollback_configuration": {{"alarms": [{{"alarm_name": alarm.name}}]}},
}}, opts=opts())
pulumi.export("arn", endpoint.arn)
pulumi.export("config", endpoint.endpoint_config_name)
"""
"""A guarded endpoint. Configuration: `version` of its model, `variants`, `machine`."""

MISCELLANY = """
from pulumi_aws import apigateway, appautoscaling, cloudwatch, cognito, ec2, ecr, iam, kms, s3, sfn, sns, ssm, wafv2
labelled = aws.Provider("labelled", region="eu-central-1", default_tags={"tags": {"owner": "search", "stage": "dev"}})
def tagged(**words):
    return pulumi.ResourceOptions(provider=labelled, **words)
vpc = ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"stage": "own"}, opts=tagged())
zones = aws.get_availability_zones_output(opts=pulumi.InvokeOptions(provider=labelled))
subnet = ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone=zones.names[0], opts=tagged())
group = ec2.SecurityGroup("group", vpc_id=vpc.id, opts=tagged())
door = ec2.VpcEndpoint("door", vpc_id=vpc.id, service_name="com.amazonaws.eu-central-1.sts",
    vpc_endpoint_type="Interface", subnet_ids=[subnet.id], security_group_ids=[group.id], opts=tagged())
key = kms.Key("key", enable_key_rotation=True, opts=tagged())
alias = kms.Alias("alias", name="alias/ranker", target_key_id=key.key_id, opts=tagged())
bucket = s3.Bucket("bucket", opts=tagged())
versions = s3.BucketVersioning("versions", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"},
    opts=tagged())
repository = ecr.Repository("repository", name="ranker", opts=tagged())
topic = sns.Topic("topic", opts=tagged())
role = iam.Role("role", assume_role_policy="{}", opts=tagged())
policy = iam.RolePolicy("policy", role=role.name, policy="{}", opts=tagged())
machine = sfn.StateMachine("machine", role_arn=role.arn, definition="{}", opts=tagged())
logs = cloudwatch.LogGroup("logs", name="/ranker", opts=tagged())
api = apigateway.RestApi("api", opts=tagged())
path = apigateway.Resource("path", rest_api=api.id, parent_id=api.root_resource_id, path_part="predict", opts=tagged())
deployment = apigateway.Deployment("deployment", rest_api=api.id, opts=tagged())
stage = apigateway.Stage("stage", rest_api=api.id, deployment=deployment.id, stage_name="v1", opts=tagged())
caller = apigateway.ApiKey("caller", opts=tagged())
wall = wafv2.WebAcl("wall", scope="REGIONAL", default_action={"allow": {}}, visibility_config={
    "cloudwatch_metrics_enabled": True, "metric_name": "wall", "sampled_requests_enabled": False}, opts=tagged())
guarded = wafv2.WebAclAssociation("guarded", resource_arn=stage.arn, web_acl_arn=wall.arn, opts=tagged())
pool = cognito.UserPool("pool", opts=tagged())
word = ssm.Parameter("word", name="word", type="SecureString", value=pulumi.Output.secret("hush"), opts=tagged())
me = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=labelled))
pulumi.export("made", {
    "vpc": vpc.id, "subnet zone": subnet.availability_zone, "door": door.id, "key": key.arn,
    "alias": alias.target_key_arn,
    "bucket": bucket.bucket_regional_domain_name, "repository": repository.repository_url, "topic": topic.id,
    "role": role.arn, "policy": policy.id, "machine": machine.id, "logs": logs.arn, "url": stage.invoke_url,
    "api root": api.root_resource_id, "path": path.path, "wall": wall.arn, "pool": pool.endpoint, "me": me.account_id,
})
pulumi.export("tags", {"vpc": vpc.tags_all, "topic": topic.tags_all})
pulumi.export("caller", caller.value)
"""
"""One of many types, under a provider with default tags."""
