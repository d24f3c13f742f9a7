"""How AWS bills: type of resource → meter. One dict, nothing registers itself."""

from collections.abc import Mapping

from modelberth_policies.bill.aws import (
    api_gateway,
    cloudwatch,
    ec2,
    ecs,
    eks,
    elasticache,
    kms,
    lambda_functions,
    load_balancing,
    network,
    sagemaker,
    sagemaker_components,
    sagemaker_jobs,
    scaling,
    secrets_manager,
    storage,
    waf,
)
from modelberth_policies.bill.aws.free import DECLARED, FREE
from modelberth_policies.bill.item import Meter

__all__ = ["DECLARED", "FREE", "METERS"]

METERS: Mapping[str, Meter] = {
    "aws:sagemaker/endpoint:Endpoint": Meter("SageMaker", sagemaker.endpoint, sagemaker.rollout),
    "aws:cloudcontrol/resource:Resource": Meter("SageMaker", sagemaker_components.cloud_control),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": Meter("SageMaker", sagemaker_jobs.monitoring_schedule),
    "aws:appautoscaling/target:Target": Meter("Auto Scaling", scaling.target_lines),
    "aws:lambda/function:Function": Meter("Lambda", lambda_functions.function),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Meter(
        "Lambda", lambda_functions.provisioned_concurrency
    ),
    "aws:ecs/service:Service": Meter("ECS", ecs.service),
    "aws:eks/cluster:Cluster": Meter("EKS", eks.cluster),
    "aws:eks/nodeGroup:NodeGroup": Meter("EKS", eks.node_group),
    "aws:ec2/instance:Instance": Meter("EC2", ec2.instance),
    "aws:autoscaling/group:Group": Meter("EC2", ec2.auto_scaling_group),
    "aws:ebs/volume:Volume": Meter("EBS", ec2.volume),
    "aws:lb/loadBalancer:LoadBalancer": Meter("Load balancing", load_balancing.load_balancer),
    "aws:alb/loadBalancer:LoadBalancer": Meter("Load balancing", load_balancing.load_balancer),
    "aws:ec2/natGateway:NatGateway": Meter("VPC", network.nat_gateway),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Meter("VPC", network.vpc_endpoint),
    "aws:ec2/eip:Eip": Meter("VPC", network.elastic_ip),
    "aws:apigateway/restApi:RestApi": Meter("API Gateway", api_gateway.rest_api),
    "aws:apigateway/stage:Stage": Meter("API Gateway", api_gateway.stage),
    "aws:apigatewayv2/api:Api": Meter("API Gateway", api_gateway.http_api),
    "aws:wafv2/webAcl:WebAcl": Meter("WAF", waf.web_acl),
    "aws:cloudwatch/logGroup:LogGroup": Meter("CloudWatch", cloudwatch.log_group),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Meter("CloudWatch", cloudwatch.metric_alarm),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Meter("CloudWatch", cloudwatch.composite_alarm),
    "aws:cloudwatch/dashboard:Dashboard": Meter("CloudWatch", cloudwatch.dashboard),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Meter("CloudWatch", cloudwatch.metric_filter),
    "aws:kms/key:Key": Meter("KMS", kms.key),
    "aws:kms/replicaKey:ReplicaKey": Meter("KMS", kms.key),
    "aws:s3/bucket:Bucket": Meter("S3", storage.bucket),
    "aws:s3/bucketV2:BucketV2": Meter("S3", storage.bucket),
    "aws:ecr/repository:Repository": Meter("ECR", storage.repository),
    "aws:secretsmanager/secret:Secret": Meter("Secrets Manager", secrets_manager.secret),
    "aws:elasticache/cluster:Cluster": Meter("ElastiCache", elasticache.cluster),
    "aws:elasticache/replicationGroup:ReplicationGroup": Meter("ElastiCache", elasticache.replication_group),
}
"""Type → how it is billed."""
