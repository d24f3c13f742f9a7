"""The resources that aws_component.py makes, written out with pulumi_aws alone: nothing here is checked or derived.

It imports nothing of the library, so that the price of importing that is in the comparison. The names of a model and of
an endpoint configuration follow their content, as whoever updates SageMaker by hand has to do it as well.
"""

import base64
import hashlib
import json
import time
from typing import Any

import pulumi
import pulumi_aws as aws
from aws_by_hand_texts import ACCOUNT, KEY, REGION, alarms, dashboard, policy, trust
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
VPC = {"security_group_ids": ["sg-1"], "subnets": ["subnet-a", "subnet-b"]}
KEPT = {"delete_before_replace": False}


class InServiceProvider(ResourceProvider):
    """Asks SageMaker what serves, because an update that was rolled back counts as a success."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        self.require(props)
        return CreateResult(props["endpoint_name"], props)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_olds.get("config_name") != _news.get("config_name"))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        self.require(_news)
        return UpdateResult(_news)

    def require(self, props: dict[str, Any]) -> None:
        import boto3

        sagemaker = boto3.client("sagemaker", region_name=props["account"]["region"])
        found = sagemaker.describe_endpoint(EndpointName=props["endpoint_name"])
        while found["EndpointStatus"] in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
            time.sleep(15)
            found = sagemaker.describe_endpoint(EndpointName=props["endpoint_name"])
        if found["EndpointStatus"] != "InService" or found["EndpointConfigName"] != props["config_name"]:
            raise RuntimeError(f"{props['endpoint_name']} does not serve {props['config_name']}")


class InService(Resource, module="modelberth", name="EndpointInService"):
    """An endpoint that serves the configuration that was asked for."""

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(InServiceProvider(), name, props, opts)


class GoneProvider(ResourceProvider):
    """Waits at the end until the models' network interfaces are gone."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["security_group_id"], props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        import boto3

        ec2 = boto3.client("ec2", region_name=_props["account"]["region"])
        asked = [{"Name": "group-id", "Values": [_props["security_group_id"]]}]
        for _ in range(60):
            if not ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]:
                return
            time.sleep(10)


class Gone(Resource, module="modelberth", name="EndpointInterfacesGone"):
    """What keeps the role until the interfaces that are made with it are gone."""

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(GoneProvider(), name, props, opts)


def hashed(content: dict[str, Any]) -> str:
    """Eight letters and digits that stand for a content."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:8].lower()


def named(physical: str, content: dict[str, Any]) -> pulumi.Output[str]:
    """A name that follows a content of which only the cloud knows a part."""
    return pulumi.Output.from_input(content).apply(lambda whole: f"{physical}--{hashed(whole)}")


def role_of(name: str, physical: str, prefix: str, tags: dict[str, str]) -> list[Any]:
    """The role of one service, its policy, and its use of the key."""
    inside = f"{physical}-role"
    role = aws.iam.Role(
        f"{name}-role",
        name=inside,
        description=f"What sagemaker.amazonaws.com may do for {name}-role.",
        assume_role_policy=trust(),
        tags=tags,
    )
    written = aws.iam.RolePolicy(f"{name}-role", name=inside, role=role.name, policy=policy(physical, prefix))
    grant = aws.kms.Grant(
        f"{name}-role",
        name=f"{name}-role",
        key_id=KEY,
        grantee_principal=role.arn,
        operations=["Decrypt", "DescribeKey"],
    )
    asked = {"account": {"region": REGION, "id": ACCOUNT}, "security_group_id": VPC["security_group_ids"][0]}
    held = Gone(f"{name}-role-interfaces", asked, pulumi.ResourceOptions(depends_on=[role, written, grant]))
    return [role, written, grant, held]


def monitored(name: str, physical: str, tags: dict[str, str]) -> tuple[list[Any], dict[str, Any]]:
    """Log group, alarms and dashboard of one service; and role to alarm."""
    logs = aws.cloudwatch.LogGroup(
        f"{name}-monitoring-logs",
        name=f"/aws/sagemaker/Endpoints/{physical}",
        retention_in_days=90,
        kms_key_id=KEY,
        tags=tags,
    )
    made = {
        role: aws.cloudwatch.MetricAlarm(
            f"{name}-monitoring-{role}",
            name=f"{physical}-{role}",
            alarm_actions=[TOPIC],
            ok_actions=[TOPIC],
            tags=tags,
            **inputs,
        )
        for role, inputs in alarms(physical).items()
    }
    shown = aws.cloudwatch.Dashboard(
        f"{name}-monitoring-dashboard", dashboard_name=physical, dashboard_body=dashboard(physical, list(made))
    )
    return [logs, *made.values(), shown], made


def deployment(alarm_names: list[Any]) -> dict[str, Any]:
    """A canary of ten percent, rolled back on alarms."""
    routing = {"type": "CANARY", "canary_size": {"type": "CAPACITY_PERCENT", "value": 10}}
    return {
        "auto_rollback_configuration": {"alarms": [{"alarm_name": name} for name in alarm_names]},
        "blue_green_update_policy": {
            "traffic_routing_configuration": {**routing, "wait_interval_in_seconds": 600},
            "termination_wait_in_seconds": 600,
            "maximum_execution_timeout_in_seconds": 1800,
        },
    }


def configuration_of(name: str, physical: str, number: int, needs: list[Any], tags: dict[str, str]) -> Any:
    """The model of one service, and the configuration that runs it."""
    source = {
        "s3_uri": f"s3://models/ranker-{number}/1.4.0/",
        "s3_data_type": "S3Prefix",
        "compression_type": "None",
    }
    container = {
        "image": f"{ECR}/serving@sha256:{number:064x}",
        "model_data_source": {"s3_data_sources": [source]},
    }
    content = {"enable_network_isolation": True, "primary_container": container, "vpc_config": VPC}
    late = "<known when it is made>"
    logical = f"{name}-1.4.0-{hashed({**content, 'execution_role_arn': late})}"
    content = {**content, "execution_role_arn": needs[0].arn}
    model = aws.sagemaker.Model(
        logical,
        name=named(physical, {**content, "logical": logical}),
        tags=tags,
        opts=pulumi.ResourceOptions(depends_on=needs, **KEPT),
        **content,
    )
    variant = {
        "variant_name": "stable",
        "model_name": late,
        "instance_type": "ml.m7i.large",
        "initial_instance_count": 2,
        "initial_variant_weight": 100,
    }
    content = {"production_variants": [variant], "kms_key_arn": KEY}
    # Which model it is is known by the name that Pulumi has for it.
    inside = f"{name}-{hashed({**content, 'models': {'stable': logical}})}"
    content = {**content, "production_variants": [{**variant, "model_name": model.name}]}
    return aws.sagemaker.EndpointConfiguration(
        inside,
        name=named(physical, {**content, "logical": inside}),
        tags=tags,
        opts=pulumi.ResourceOptions(**KEPT),
        **content,
    )


def scaled(name: str, physical: str, tags: dict[str, str], in_service: pulumi.Resource) -> aws.appautoscaling.Policy:
    """Two to eight instances, by requests."""
    target = aws.appautoscaling.Target(
        f"{name}-stable-scaling",
        resource_id=f"endpoint/{physical}/variant/stable",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        service_namespace="sagemaker",
        min_capacity=2,
        max_capacity=8,
        tags=tags,
        opts=pulumi.ResourceOptions(depends_on=[in_service]),
    )
    tracked = {
        "target_value": 600,
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 300,
        "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
    }
    return aws.appautoscaling.Policy(
        f"{name}-stable-scaling-tracking",
        name="tracking",
        policy_type="TargetTrackingScaling",
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        service_namespace=target.service_namespace,
        target_tracking_scaling_policy_configuration=tracked,
        opts=pulumi.ResourceOptions(depends_on=[in_service]),
    )


def service(number: int) -> pulumi.Output[str]:
    """One service; its address once it serves and scales."""
    name = f"ranker-{number}"
    physical = f"{pulumi.get_stack()}-{name}"
    tags = {
        "owner": "search",
        "environment": "prod",
        "cost-centre": "4711",
        "service": name,
        "model": "ranker",
        "version": "1.4.0",
        "data-classification": "internal",
    }
    watching, made = monitored(name, physical, tags)
    permitted = role_of(name, physical, f"{name}/", tags)
    config = configuration_of(name, physical, number, permitted, tags)
    rollback = [made[role].name for role in ("stable-5xx", "stable-p95", "stable-p99")]
    endpoint = aws.sagemaker.Endpoint(
        name,
        name=physical,
        endpoint_config_name=config.name,
        deployment_config=deployment(rollback),  # pyright: ignore[reportArgumentType]
        tags=tags,
        opts=pulumi.ResourceOptions(depends_on=[*permitted, *watching]),
    )
    asked = {
        "account": {"region": REGION, "id": ACCOUNT},
        "endpoint_name": endpoint.name,
        "config_name": config.name,
        "alarms": rollback,
    }
    in_service = InService(f"{name}-in-service", asked, pulumi.ResourceOptions(depends_on=[endpoint]))
    policy = scaled(name, physical, tags, in_service)
    complete = pulumi.Output.all(endpoint.name, in_service.urn, policy.urn)
    return complete.apply(lambda f: f"https://runtime.sagemaker.{REGION}.amazonaws.com/endpoints/{f[0]}/invocations")


for number in range(pulumi.Config().require_int("services")):
    pulumi.export(f"ranker-{number}", {"url": service(number), "versions": {"1.4.0": 100}})
