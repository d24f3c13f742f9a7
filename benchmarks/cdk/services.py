"""As many SageMaker services as the first argument says, with the CDK's L2 constructs: `python services.py 40 FOLDER`.

The same service as aws_by_hand.py writes, as far as the CDK has it. What is missing: a KMS grant (CloudFormation has
none; the role's policy says it instead) and the read-back (CloudFormation waits for the endpoint itself). Where L2 has
no word, the L1 construct below it is overridden: an image by digest, files that are no archive, the canary.
"""

import json
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import aws_cdk.aws_sagemaker_alpha as sagemaker
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

sys.path.insert(0, str(Path(__file__).parents[1] / "programs"))

from aws_by_hand_texts import ACCOUNT, ENDPOINTS, INSTANCES, KEY, REGION, alarms, arn, policy

LOCATION = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/serving"
PER_STACK = 20
"""CloudFormation takes 500 resources in a stack; one service has 17."""
GRAPHS = {
    "Requests a minute": ((ENDPOINTS, "Invocations", "Sum"),),
    "Errors, %": ((ENDPOINTS, "Invocation4XXErrors", "Sum"), (ENDPOINTS, "Invocation5XXErrors", "Sum")),
    "Latency of the model, ms": tuple((ENDPOINTS, "ModelLatency", name) for name in ("p50", "p95", "p99")),
    "In use, %": tuple(
        (INSTANCES, f"{what}Utilization", over)
        for what, over in (("CPU", "Average"), ("Memory", "Maximum"), ("Disk", "Maximum"))
    ),
    "Instances that answer": ((ENDPOINTS, "Invocations", "Sum"), (ENDPOINTS, "InvocationsPerInstance", "Sum")),
}


class Shared:
    """What the services stand on; all of it is there already."""

    def __init__(self, stack: cdk.Stack) -> None:
        self.key = kms.Key.from_key_arn(stack, "key", KEY)
        self.repository = ecr.Repository.from_repository_name(stack, "repository", "serving")
        self.topic = sns.Topic.from_topic_arn(stack, "alerts", arn("sns", "alerts"))
        self.group = ec2.SecurityGroup.from_security_group_id(stack, "group", "sg-1", mutable=False)
        self.network = ec2.Vpc.from_vpc_attributes(
            stack,
            "network",
            vpc_id="vpc-1",
            availability_zones=[f"{REGION}a", f"{REGION}b"],
            private_subnet_ids=["subnet-a", "subnet-b"],
        )


class Service(Construct):
    """One service."""

    def __init__(self, stack: cdk.Stack, number: int, shared: Shared) -> None:
        super().__init__(stack, f"ranker-{number}")
        self.number, self.shared, self.physical = number, shared, f"bench-ranker-{number}"
        watched = self._alarms()
        self._dashboard(list(watched.values()))
        waits = logs.LogGroup(
            self,
            "logs",
            log_group_name=f"/aws/sagemaker/Endpoints/{self.physical}",
            retention=logs.RetentionDays.THREE_MONTHS,
            encryption_key=shared.key,
        )
        endpoint = self._endpoint(self._role(), watched)
        endpoint.node.add_dependency(waits, *watched.values())
        count = endpoint.find_instance_production_variant("stable").auto_scale_instance_count(
            min_capacity=2, max_capacity=8
        )
        cooldown = cdk.Duration.seconds(300)
        count.scale_on_invocations(
            "tracking",
            max_requests_per_second=20,
            safety_factor=0.5,
            scale_in_cooldown=cooldown,
            scale_out_cooldown=cooldown,
        )
        self._tag()

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "role",
            role_name=f"{self.physical}-role",
            description="What sagemaker.amazonaws.com may do.",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {"aws:SourceArn": arn("sagemaker", "*")},
                },
            ),
        )
        written = json.loads(policy(self.physical, f"ranker-{self.number}/"))
        iam.Policy(self, "policy", roles=[role], document=iam.PolicyDocument.from_json(written))
        self.shared.key.grant_decrypt(role)
        return role

    def _endpoint(self, role: iam.Role, watched: dict[str, cloudwatch.Alarm]) -> sagemaker.Endpoint:
        shared = self.shared
        image = sagemaker.ContainerImage.from_ecr_repository(shared.repository)
        model = sagemaker.Model(
            self,
            "model",
            role=role,
            containers=[sagemaker.ContainerDefinition(image=image)],
            network_isolation=True,
            vpc=shared.network,
            security_groups=[shared.group],
        )
        prefix = {"S3Uri": f"s3://models/ranker-{self.number}/1.4.0/", "S3DataType": "S3Prefix"}
        below = model.node.find_child("Model")
        below.add_property_override("PrimaryContainer.Image", f"{LOCATION}@sha256:{self.number:064x}")
        below.add_property_override(
            "PrimaryContainer.ModelDataSource", {"S3DataSource": {**prefix, "CompressionType": "None"}}
        )
        config = sagemaker.EndpointConfig(
            self,
            "config",
            encryption_key=shared.key,
            instance_production_variants=[
                sagemaker.InstanceProductionVariantProps(
                    model=model,
                    variant_name="stable",
                    instance_type=sagemaker.InstanceType.of("ml.m7i.large"),
                    initial_instance_count=2,
                    initial_variant_weight=100,
                )
            ],
        )
        endpoint = sagemaker.Endpoint(self, "endpoint", endpoint_config=config, endpoint_name=self.physical)
        endpoint.node.find_child("Endpoint").add_property_override("DeploymentConfig", _deployment(watched))
        return endpoint

    def _alarms(self) -> dict[str, cloudwatch.Alarm]:
        found = {}
        for role, inputs in alarms(self.physical).items():
            alarm = cloudwatch.Alarm(
                self,
                role,
                alarm_name=f"{self.physical}-{role}",
                alarm_description=inputs["alarm_description"],
                metric=self._measured(inputs),
                threshold=inputs["threshold"],
                evaluation_periods=inputs["evaluation_periods"],
                datapoints_to_alarm=inputs["datapoints_to_alarm"],
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            told = actions.SnsAction(self.shared.topic)
            alarm.add_alarm_action(told)
            alarm.add_ok_action(told)
            found[role] = alarm
        return found

    def _measured(self, inputs: dict[str, Any]) -> cloudwatch.IMetric:
        if "metric_queries" not in inputs:
            statistic = inputs.get("statistic") or inputs["extended_statistic"]
            return self._metric(inputs["namespace"], inputs["metric_name"], statistic, inputs["period"])
        *measured, watched = inputs["metric_queries"]
        words = {
            each["id"]: self._metric(ENDPOINTS, each["metric"]["metric_name"], "Sum", each["metric"]["period"])
            for each in measured
        }
        period = cdk.Duration.seconds(measured[0]["metric"]["period"])
        return cloudwatch.MathExpression(
            expression=watched["expression"], label=watched["label"], using_metrics=words, period=period
        )

    def _metric(self, namespace: str, name: str, statistic: str, seconds: int = 60) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map={"EndpointName": self.physical, "VariantName": "stable"},
            statistic=statistic,
            period=cdk.Duration.seconds(seconds),
        )

    def _dashboard(self, watched: list[cloudwatch.Alarm]) -> None:
        graphs = [
            cloudwatch.GraphWidget(title=title, width=12, height=6, left=[self._metric(*one) for one in lines])
            for title, lines in GRAPHS.items()
        ]
        status = cloudwatch.AlarmStatusWidget(title=f"Alarms of {self.physical}", width=24, height=4, alarms=watched)
        rows = [[status], graphs[:2], graphs[2:4], graphs[4:]]
        cloudwatch.Dashboard(self, "dashboard", dashboard_name=self.physical, start="-PT3H", widgets=rows)

    def _tag(self) -> None:
        owned = {"owner": "search", "environment": "prod", "cost-centre": "4711", "service": f"ranker-{self.number}"}
        for key, value in {
            **owned,
            "model": "ranker",
            "version": "1.4.0",
            "data-classification": "internal",
        }.items():
            cdk.Tags.of(self).add(key, value)


def _deployment(watched: dict[str, cloudwatch.Alarm]) -> dict[str, Any]:
    names = [{"AlarmName": watched[role].alarm_name} for role in ("stable-5xx", "stable-p95", "stable-p99")]
    routing = {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}}
    return {
        "AutoRollbackConfiguration": {"Alarms": names},
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {**routing, "WaitIntervalInSeconds": 600},
            "TerminationWaitInSeconds": 600,
            "MaximumExecutionTimeoutInSeconds": 1800,
        },
    }


def main(count: int, folder: str) -> None:
    """Writes the template; CDK's own validation of it is left out, as Pulumi has none before its engine."""
    app = cdk.App(outdir=folder, builtin_cloud_formation_validation=False, analytics_reporting=False)
    where = cdk.Environment(account=ACCOUNT, region=REGION)
    for first in range(0, count, PER_STACK):
        stack = cdk.Stack(app, f"bench-{first}", env=where)
        shared = Shared(stack)
        for number in range(first, min(first + PER_STACK, count)):
            Service(stack, number, shared)
    app.synth()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
