"""A program with every AWS product, made with the provider's SDK so that property names are the real ones."""

import pulumi_aws as aws
from pulumi import ResourceOptions


def functions(there):
    function = aws.lambda_.Function(
        "fn", role="arn:aws:iam::123456789012:role/x", memory_size=512, architectures=["arm64"], opts=there
    )
    aws.lambda_.ProvisionedConcurrencyConfig(
        "warm", function_name=function.name, provisioned_concurrent_executions=2, qualifier="live", opts=there
    )
    aws.lambda_.Function(
        "fenced",
        role="arn:aws:iam::123456789012:role/x",
        reserved_concurrent_executions=1,
        memory_size=1024,
        opts=there,
    )


def containers(there):
    cluster = aws.ecs.Cluster("cluster", name="c", opts=there)
    task = aws.ecs.TaskDefinition("task", family="f", cpu="512", memory="1024", container_definitions="[]", opts=there)
    aws.ecs.Service(
        "service",
        name="s",
        cluster=cluster.arn,
        task_definition=task.arn,
        launch_type="FARGATE",
        desired_count=9,
        opts=there,
    )
    aws.ecs.Service("on-instances", cluster=cluster.arn, task_definition=task.arn, opts=there)
    aws.appautoscaling.Target(
        "tasks",
        min_capacity=2,
        max_capacity=4,
        resource_id="service/c/s",
        scalable_dimension="ecs:service:DesiredCount",
        service_namespace="ecs",
        opts=there,
    )


def clusters(there):
    vpc = {"subnet_ids": ["a", "b"]}
    for name, version in (("old", "1.30"), ("new", "1.35")):
        aws.eks.Cluster(name, role_arn="arn:aws:iam::123456789012:role/x", version=version, vpc_config=vpc, opts=there)
    aws.eks.Cluster(
        "renewed",
        role_arn="arn:aws:iam::123456789012:role/x",
        version="1.30",
        upgrade_policy={"support_type": "STANDARD"},
        vpc_config=vpc,
        opts=there,
    )
    for name, capacity in (("nodes", "ON_DEMAND"), ("spot-nodes", "SPOT")):
        aws.eks.NodeGroup(
            name,
            cluster_name="new",
            node_role_arn="arn:aws:iam::123456789012:role/x",
            subnet_ids=["a"],
            instance_types=["g5.xlarge"],
            capacity_type=capacity,
            disk_size=50,
            scaling_config={"min_size": 1, "max_size": 3, "desired_size": 1},
            opts=there,
        )


def machines(there):
    aws.ec2.Instance("machine", ami="ami-1", instance_type="m5.large", root_block_device={"volume_size": 8}, opts=there)
    template = aws.ec2.LaunchTemplate("template", instance_type="c5.large", opts=there)
    aws.autoscaling.Group("group", min_size=1, max_size=5, launch_template={"id": template.id}, opts=there)
    aws.ebs.Volume("disk", availability_zone="us-east-1a", size=100, type="gp3", iops=4000, opts=there)


def networks(there):
    aws.ec2.NatGateway("nat", subnet_id="a", allocation_id="eipalloc-1", opts=there)
    aws.ec2.VpcEndpoint("gateway", vpc_id="v", service_name="com.amazonaws.us-east-1.s3", opts=there)
    aws.lb.LoadBalancer("alb", subnets=["a", "b"], opts=there)
    aws.lb.LoadBalancer("nlb", load_balancer_type="network", subnets=["a", "b"], opts=there)
    aws.ec2.Eip("address", opts=there)


def doors(there):
    aws.apigateway.RestApi("rest", opts=there)
    aws.apigateway.Stage("stage", rest_api="r", deployment="d", stage_name="live", opts=there)
    aws.apigateway.Stage(
        "cached",
        rest_api="r",
        deployment="d",
        stage_name="x",
        cache_cluster_enabled=True,
        cache_cluster_size="0.5",
        opts=there,
    )
    aws.apigatewayv2.Api("http", protocol_type="HTTP", opts=there)
    shown = {"cloudwatch_metrics_enabled": False, "metric_name": "m", "sampled_requests_enabled": False}
    groups = [("AWS", "AWSManagedRulesCommonRuleSet"), ("AWS", "AWSManagedRulesBotControlRuleSet")]
    rules = [
        {
            "name": name,
            "priority": number,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {"name": name, "vendor_name": vendor}},
            "visibility_config": shown,
        }
        for number, (vendor, name) in enumerate(groups)
    ]
    aws.wafv2.WebAcl(
        "wall", scope="REGIONAL", default_action={"allow": {}}, rules=rules, visibility_config=shown, opts=there
    )


def watching(there):
    aws.cloudwatch.LogGroup("logs", retention_in_days=365, opts=there)
    aws.cloudwatch.LogGroup("for-ever", opts=there)
    common = {"comparison_operator": "GreaterThanThreshold", "evaluation_periods": 1, "threshold": 1, "opts": there}
    aws.cloudwatch.MetricAlarm("plain", metric_name="x", namespace="n", period=60, statistic="Sum", **common)
    aws.cloudwatch.MetricAlarm("quick", metric_name="x", namespace="n", period=10, statistic="Sum", **common)
    metric = {"metric_name": "x", "namespace": "n", "period": 60, "stat": "Sum"}
    queries = [{"id": "a", "metric": metric}, {"id": "b", "metric": metric}, {"id": "c", "expression": "a/b"}]
    aws.cloudwatch.MetricAlarm("two", metric_queries=queries, **common)
    aws.cloudwatch.Dashboard("board", dashboard_name="b", dashboard_body="{}", opts=there)
    aws.cloudwatch.CompositeAlarm("sum", alarm_name="s", alarm_rule="ALARM(x)", opts=there)


def stores(there):
    aws.kms.Key("key", enable_key_rotation=True, opts=there)
    aws.s3.Bucket("bucket", opts=there)
    aws.ecr.Repository("images", opts=there)
    aws.secretsmanager.Secret("secret", replicas=[{"region": "eu-west-1"}], opts=there)
    aws.elasticache.Cluster("cache", node_type="cache.t4g.small", num_cache_nodes=2, engine="valkey", opts=there)
    aws.elasticache.ReplicationGroup(
        "replicated",
        description="d",
        node_type="cache.m7g.large",
        num_node_groups=2,
        replicas_per_node_group=1,
        engine="redis",
        opts=there,
    )
    aws.dynamodb.Table("table", attributes=[], opts=there)
    aws.sqs.Queue("queue", opts=there)
    aws.sns.Topic("topic", opts=there)


def program():
    there = ResourceOptions(provider=aws.Provider("cloud", region="us-east-1"))
    for make in (functions, containers, clusters, machines, networks, doors, watching, stores):
        make(there)
