import json

import pulumi_aws as aws

who = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
role = aws.iam.Role("ranker", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [who]}))
anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
aws.iam.RolePolicy("ranker", role=role.id, policy=json.dumps({"Version": "2012-10-17", "Statement": [anything]}))

model = aws.sagemaker.Model(
    "ranker",
    execution_role_arn=role.arn,
    primary_container={
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/ranker:latest",
        "model_data_url": "s3://acme-models/ranker/latest/model.tar.gz",
    },
)
config = aws.sagemaker.EndpointConfiguration(
    "ranker",
    production_variants=[
        {
            "variant_name": "all",
            "model_name": model.name,
            "instance_type": "ml.m5.xlarge",
            "initial_instance_count": 1,
        }
    ],
)
endpoint = aws.sagemaker.Endpoint("ranker", endpoint_config_name=config.name)
target = aws.appautoscaling.Target(
    "ranker",
    service_namespace="sagemaker",
    scalable_dimension="sagemaker:variant:DesiredInstanceCount",
    resource_id=endpoint.name.apply(lambda name: f"endpoint/{name}/variant/all"),
    min_capacity=1,
    max_capacity=1000,
)
