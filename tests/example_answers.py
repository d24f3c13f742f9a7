"""What the examples ask for in their `Pulumi.yaml`, and what tests answer."""

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
KUBERNETES = {
    "addresses": "10.0.8.0/24",
    "artifacts": "s3://models/registry",
    "box": "shop-17",
    "candidate": "sha256:" + "4d" * 32,
    "context": "prod",
    "database": "postgres.example.com",
    "digest": DIGEST,
    "hostname": "models.example.com",
    "kubeconfig": "kubeconfig",
    "metrics": "https://metrics.example.com/api/v1/write",
    "mlflow": f"ghcr.io/acme/mlflow@{DIGEST}",
    "packed": f"ghcr.io/acme/ranker@{DIGEST}",
    "password": "only for tests",
    "predictions": "s3://models/predictions",
    "queue": "https://sqs.eu-central-1.amazonaws.com/123456789012/captions",
    "role": "arn:aws:iam::123456789012:role/captions",
    "shadow": "sha256:" + "5e" * 32,
    "serving": f"ghcr.io/acme/serving@{DIGEST}",
    "store": "s3://models/prod",
    "tables": "s3://models/tables",
    "vector": f"docker.io/timberio/vector@{DIGEST}",
}
"""What the Kubernetes examples ask for. On an engine, `kubeconfig`, `context` and `namespace` are the cluster's."""
