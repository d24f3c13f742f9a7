"""What the AWS examples ask for in their `Pulumi.yaml`, and what tests answer."""

DIGEST = "sha256:" + "3c" * 32
ANSWERS = {
    "account": "123456789012",
    "archive": "s3://models/ranker/1.4.0/model.tar.gz",
    "baseline": "s3://models/ranker/baseline",
    "certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c-0000-4000-8000-000000000000",
    "digest": DIGEST,
    "email": "ml@example.com",
    "image": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving@{DIGEST}",
    "key": "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000000",
    "model": "s3://models/ranker/1.4.0/",
    "model_group": "sg-0123456789abcdef0",
    "models": "s3://models/ranker/",
    "name": "models.example.com",
    "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "vpc": "vpc-0123456789abcdef0",
    "zone": "Z0123456789ABCDEFGHIJ",
}
