"""Every AWS product, made with the provider's SDK so that property names are the real ones, and priced by hand."""

import pulumi_aws as aws
import pytest
from pulumi import ResourceOptions

from modelberth_policies.bill import Assumptions, Profile, estimate
from modelberth_policies.sources.program import run_in_process

USE = Assumptions(
    busy_share=0.5,
    requests=2_000_000,
    mean_ms=100,
    log_gb=10,
    s3_gb=100,
    s3_requests=10_000,
    ecr_gb=20,
    processed_gb=40,
    capacity_units=2,
    api_calls=100_000,
    quiet=0.5,
    surge=2,
)


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


@pytest.fixture(scope="module")
def bill():
    return estimate(run_in_process(program, "p", "prod"), Profile("prod", USE))


HOURS = 730
MONTH_SECONDS = HOURS * 3600
USED = 2_000_000 * 0.1
"""Seconds in which functions run."""
PRICED = {
    # name, what → low, expected, worst, in dollars at the list prices of us-east-1
    ("fn", "requests"): (0.20, 0.40, 0.80),
    ("fn", "duration"): tuple(USED * 0.5 * share * 0.0000133334 for share in (0.5, 1, 2)),
    ("warm", "provisioned"): (2 * 0.5 * MONTH_SECONDS * 0.0000041667,) * 3,
    ("fenced", "duration"): tuple(part * 0.0000166667 for part in (USED / 2, USED, MONTH_SECONDS)),
    ("service", "vCPU"): tuple(count * 0.5 * HOURS * 0.04048 for count in (2, 3, 4)),
    ("service", "memory"): tuple(count * 1 * HOURS * 0.004445 for count in (2, 3, 4)),
    ("old", "control plane"): (HOURS * 0.6,) * 3,
    ("new", "control plane"): (HOURS * 0.1,) * 3,
    ("renewed", "control plane"): (HOURS * 0.1,) * 3,
    ("nodes", "g5.xlarge on demand"): tuple(count * HOURS * 1.006 for count in (1, 2, 3)),
    ("nodes", "volumes"): tuple(count * 50 * 0.08 for count in (1, 2, 3)),
    ("machine", "m5.large on demand"): (HOURS * 0.096,) * 3,
    ("machine", "root volume"): (0.8,) * 3,
    ("group", "c5.large on demand"): tuple(count * HOURS * 0.085 for count in (1, 3, 5)),
    ("disk", "gp3 volume"): (8.0,) * 3,
    ("disk", "IOPS"): (5.0,) * 3,
    ("nat", "gateway"): (32.85,) * 3,
    ("nat", "data"): (0.9, 1.8, 3.6),
    ("alb", "balancer"): (HOURS * 0.0225,) * 3,
    ("alb", "units"): tuple(share * 2 * HOURS * 0.008 for share in (0.5, 1, 2)),
    ("nlb", "units"): tuple(share * 2 * HOURS * 0.006 for share in (0.5, 1, 2)),
    ("rest", "requests"): (3.5, 7.0, 14.0),
    ("http", "requests"): (1.0, 2.0, 4.0),
    ("wall", "web ACL"): (5.0,) * 3,
    ("wall", "rules"): (2.0,) * 3,
    ("wall", "requests"): (0.6, 1.2, 2.4),
    ("logs", "ingestion"): (2.5, 5.0, 10.0),
    ("logs", "storage"): tuple(share * 10 * 12 * 0.03 for share in (0.5, 1, 2)),
    ("for-ever", "storage"): tuple(share * 10 * 12 * 0.03 for share in (0.5, 1, 2)),
    ("plain", "alarm"): (0.1,) * 3,
    ("quick", "alarm"): (0.3,) * 3,
    ("two", "alarm"): (0.2,) * 3,
    ("board", "dashboard"): (3.0,) * 3,
    ("key", "key"): (1.0, 1.0, 3.0),
    ("key", "calls"): (0.15, 0.3, 0.6),
    ("bucket", "storage"): (1.15, 2.3, 4.6),
    ("bucket", "writing"): (0.025, 0.05, 0.1),
    ("bucket", "reading"): (0.002, 0.004, 0.008),
    ("images", "storage"): (1.0, 2.0, 4.0),
    ("secret", "secret"): (0.8,) * 3,
    ("secret", "calls"): (0.25, 0.5, 1.0),
    ("cache", "valkey"): (2 * HOURS * 0.0256,) * 3,
    ("replicated", "redis"): (4 * HOURS * 0.158,) * 3,
}


@pytest.mark.parametrize(("name", "what"), PRICED)
def test_it_costs_what_the_list_says(bill, name, what):
    [line] = [line for line in bill.lines if line.urn.endswith(f"::{name}") and what in line.what]
    assert line.usd.triple == pytest.approx(PRICED[name, what])
    assert line.unit_price.region == "us-east-1"


def test_spot_costs_less_and_says_how_often_it_is_taken_away(bill):
    spot, usual = (
        next(line for line in bill.lines if line.urn.endswith(f"::{name}") and "g5.xlarge" in line.what)
        for name in ("spot-nodes", "nodes")
    )
    assert 0.1 < spot.unit_price.usd / usual.unit_price.usd < 0.9
    assert "interrupted >20% of the time" in spot.unit_price.derived


UNPRICED = {
    "address": "the catalogue has no price of public-ipv4 'in-use address' in us-east-1",
    "cached": "the catalogue has no price of a cache",
    "wall": "the catalogue has no price of this group of rules",
    "sum": "the catalogue has no price of cloudwatch 'composite alarm' in us-east-1",
    "table": "the catalogue has no prices of DynamoDB",
    "queue": "the catalogue has no price of SQS requests",
}


def test_what_has_no_price_is_listed_with_the_reason(bill):
    assert {found.urn.rpartition("::")[2]: found.reason for found in bill.unpriced} == UNPRICED


def test_what_is_free_says_why(bill):
    free = {found.urn.rpartition("::")[2]: found.reason for found in bill.free}
    assert free.keys() >= {"gateway", "stage", "on-instances", "topic", "template", "cluster", "task", "tasks"}
    assert free["gateway"] == "a gateway endpoint costs nothing"
    assert all(free.values())


def test_each_resource_is_priced_free_or_unpriced(bill):
    plan = run_in_process(program, "p", "prod")
    seen = {found.urn for group in (bill.lines, bill.free, bill.unpriced) for found in group}
    assert {resource.urn for resource in plan if resource.custom} == seen
