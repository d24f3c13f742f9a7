"""What AWS's identifiers look like. A wrong one is in no message: it may be a secret in the wrong place."""

import re
from typing import Annotated

from pydantic import AfterValidator


def shaped(pattern: str, what: str) -> AfterValidator:
    """A validator of a text's shape; its message says what it must be."""
    shape = re.compile(pattern)

    def check(text: str) -> str:
        if shape.fullmatch(text) is None:
            raise ValueError(f"not {what}")
        return text

    return AfterValidator(check)


Region = Annotated[str, shaped(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}", "a region; write one like eu-central-1")]
"""An AWS region: `eu-central-1`."""

AccountId = Annotated[str, shaped(r"\d{12}", "an account; write its twelve digits in quotes")]
"""An AWS account: twelve digits, as text."""

RoleArn = Annotated[
    str, shaped(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+", "the ARN of a role; write arn:aws:iam::<account>:role/<name>")
]
"""The ARN of an IAM role."""

PolicyArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/\S+",
        "the ARN of a policy; write arn:aws:iam::<account>:policy/<name>",
    ),
]
"""The ARN of an IAM policy."""

TopicArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:\S+", "the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>"
    ),
]
"""The ARN of an SNS topic."""

VpcId = Annotated[str, shaped(r"vpc-\S+", "a VPC; write its id, vpc-…")]
"""The id of a VPC."""

SubnetId = Annotated[str, shaped(r"subnet-\S+", "a subnet; write its id, subnet-…")]
"""The id of a subnet."""

SecurityGroupId = Annotated[str, shaped(r"sg-\S+", "a security group; write its id, sg-…")]
"""The id of a security group."""

EndpointId = Annotated[str, shaped(r"vpce-\S+", "a VPC endpoint; write its id, vpce-…")]
"""The id of a VPC endpoint."""

BucketName = Annotated[
    str, shaped(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket; write it alone, without s3:// and folders")
]
"""The name of an S3 bucket."""

ServiceWord = Annotated[
    str, shaped(r"[a-z0-9-]+(\.[a-z0-9-]+)*", "a service; write the last part of its endpoint's name, like monitoring")
]
"""An AWS service, as the names of its endpoints end: `sagemaker.runtime`."""

Action = Annotated[
    str, shaped(r"[a-z0-9-]+:[A-Za-z]+", "an action; write one like cloudwatch:PutMetricData, without *")
]
"""An action, as IAM writes it."""

EmailAddress = Annotated[str, shaped(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+", "an e-mail address; write name@example.com")]
"""An e-mail address."""

S3Uri = Annotated[
    str, shaped(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S+", "an address in S3; write s3://<bucket>/<path>")
]
"""The address of a file or a folder in S3."""
