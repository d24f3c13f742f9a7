"""Foundations that cannot be, and what is said of each: one fault, one sentence, before anything is made."""

import pytest

from modelberth.aws.foundation import AwsFoundation
from modelberth.aws.retention import ACCEPTED_DAYS
from modelberth.core.errors import ConfigError
from modelberth.runtimes import names

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
NETWORK = {"vpc_id": "vpc-1", "subnet_ids": ("subnet-1", "subnet-2"), "model_security_group_id": "sg-1"}
DIGEST = "sha256:" + "a" * 64
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
PINNED = "write <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>"
DAYS = f"CloudWatch Logs keeps logs for {', '.join(map(str, ACCEPTED_DAYS))} days"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "secret",
}  # fmt: skip

BAD = [
    ({"account": {"region": "frankfurt", "id": "123456789012"}},
     "ml.account.region: not a region; write one like eu-central-1"),
    ({"account": {"region": "eu-central-1", "id": "1234"}},
     "ml.account.id: not an account; write its twelve digits in quotes"),
    ({"account": {"region": "eu-central-1"}}, "ml.account.id: field required"),
    ({"account": {**ACCOUNT, "role": "arn:aws:iam::210987654321:role/deployer"}},
     "ml.account: role is of account 210987654321, allowed is 123456789012; take a role of that account"),
    ({"account": {"region": "cn-north-1", "id": "123456789012"}},
     "ml: region is in aws-cn, where the names of endpoints are not known here; make the network yourself and pass it "
     "as a Network"),
    ({"network": {"cidr": "10.0.0.0/26"}},
     "ml.network: cidr: /26 is too small, allowed are /16 to /23; write one like 10.0.0.0/16"),
    ({"network": {"cidr": "8.8.0.0/16"}},
     "ml.network: cidr: not a private range; take one within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, "
     "100.64.0.0/10"),
    ({"network": {"zones": "a"}}, "ml.network: zones: got 1, allowed are 2 or 3 zones; write ab or abc"),
    ({"network": {"zones": "abcd"}}, "ml.network: zones: got 4, allowed are 2 or 3 zones; write ab or abc"),
    ({"network": {"zone": "ab"}},
     "ml.network: zone: no such field; allowed: cidr, zones, services, buckets, private_api; did you mean 'zones'?"),
    ({"network": {"services": {"kms": ["kms:Decrypt"]}}},
     "ml.network: services has kms, which each network reaches; leave it out"),
    ({"network": {"services": {"monitoring": ["cloudwatch:*"]}}},
     "ml.network: services.monitoring.0: not an action; write one like cloudwatch:PutMetricData, without *"),
    ({"network": {"services": {"monitoring": []}}},
     "ml.network: services has monitoring without an action that may pass; name some"),
    ({"network": {"buckets": ["*"]}},
     "ml.network: buckets.0: not the name of a bucket; write it alone, without s3:// and folders"),
    ({"network": {**NETWORK, "subnet_ids": ("subnet-1",)}},
     "ml.network: subnet_ids: got 1 subnet, SageMaker wants 2 to 16 in different zones"),
    ({"network": {**NETWORK, "subnet_ids": ("subnet-1", "subnet-1")}},
     "ml.network: subnet_ids: a subnet stands there twice; name subnets of different zones"),
    ({"network": {**NETWORK, "model_security_group_id": "vpc-1"}},
     "ml.network: model_security_group_id: not a security group; write its id, sg-…"),
    ({"network": {"vpc_id": "vpc-1", "subnet_ids": ("subnet-1", "subnet-2")}},
     "ml.network: model_security_group_id: field required"),
    ({"encryption": {"arn": "alias/models"}},
     "ml.encryption: arn: not the ARN of a key; write arn:aws:kms:<region>:<account>:key/<id>, and no alias: policies "
     "and grants take none"),
    ({"encryption": {"reason": "no"}}, "ml.encryption: reason: string should have at least 10 characters"),
    ({"alerts": {}}, "ml.alerts: got neither of emails and topic_arn; give one of them"),
    ({"alerts": {"emails": ["ml@example.com"], "topic_arn": TOPIC}},
     "ml.alerts: got both of emails and topic_arn; give one of them"),
    ({"alerts": {"emails": ["ml"]}}, "ml.alerts.emails.0: not an e-mail address; write name@example.com"),
    ({"alerts": {"topic_arn": "alerts"}},
     "ml.alerts.topic_arn: not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>"),
    ({"budget": {"limit_usd": 500}}, "ml: budget is set and alerts is not, so that nobody hears of it; give alerts"),
    ({"budget": {"limit_usd": 0}, "alerts": {"topic_arn": TOPIC}},
     "ml.budget.limit_usd: got 0, input should be greater than or equal to 1"),
    ({"permissions_boundary": "bounds"},
     "ml.permissions_boundary: not the ARN of a policy; write arn:aws:iam::<account>:policy/<name>"),
    ({"log_retention_days": 31}, f"ml.log_retention_days: got 31, {DAYS}; take 60"),
    ({"log_retention_days": 0}, f"ml.log_retention_days: got 0, {DAYS}; take 1"),
    ({"log_retention_days": 9999}, f"ml.log_retention_days: got 9999, {DAYS}; take 3653"),
    ({"images": {"triton": f"{ECR}/triton:24.01"}},
     f"ml.images.triton: has a tag, and a tag can be moved to another image; {PINNED}"),
    ({"images": {"triton": f"{ECR}/triton"}},
     f"ml.images.triton: has no digest, so that it could change under the model; {PINNED}"),
    ({"images": {"tritn": f"{ECR}/triton@{DIGEST}"}},
     f"ml.images: no such model server, allowed are {', '.join(names())}; did you mean 'triton'?"),
    ({"images": {"triton": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/triton@{DIGEST}"}},
     "ml: images: that of triton is in us-east-1, and SageMaker pulls from the region of the model only, "
     "eu-central-1; copy it there"),
    ({"readers": ("me",)}, "ml.readers.0: not an account; write its twelve digits in quotes"),
    ({"readers": ("210987654321",), "registry": {
        "bucket": "models", "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/models",
        "repository_url": f"{ECR}/models"}},
     "ml: readers is set and registry is given, whose own policies say who reads; leave readers out"),
    ({"labels": LABELS},
     "ml.labels.data_classification: input should be 'public', 'internal', 'confidential' or 'restricted'"),
    ({"netwrok": {}},
     "ml.netwrok: no such field; allowed: account, network, encryption, registry, alerts, budget, "
     "permissions_boundary, images, log_retention_days, readers, protect, labels; did you mean 'network'?"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "fault"), BAD)
def test_a_foundation_that_cannot_be_is_refused_before_anything_is_made(fields, fault):
    with pytest.raises(ConfigError) as error:
        AwsFoundation("ml", {"account": ACCOUNT, **fields})
    assert str(error.value) == f"configuration: 1 fault\n  {fault}"


def test_all_faults_are_said_at_once():
    with pytest.raises(ConfigError) as error:
        AwsFoundation(
            "ml", {"account": {"region": "x", "id": "y"}, "log_retention_days": 31, "budget": {"limit_usd": 0}}
        )
    assert [fault.path for fault in error.value.faults] == [
        "ml.account.region", "ml.account.id", "ml.budget.limit_usd", "ml.log_retention_days",
    ]  # fmt: skip


def test_what_is_in_the_wrong_place_is_not_repeated():
    secret = "AKIAIOSFODNN7EXAMPLE"
    wrong = {"account": {"region": secret, "id": secret, "role": secret}, "permissions_boundary": secret,
             "alerts": {"emails": [secret]}, "network": {"cidr": secret, "zones": secret, "buckets": [secret]},
             "encryption": {"arn": secret}, "images": {"triton": secret}}  # fmt: skip
    with pytest.raises(ConfigError) as error:
        AwsFoundation("ml", wrong)
    assert len(error.value.faults) >= 8
    assert secret not in str(error.value)
