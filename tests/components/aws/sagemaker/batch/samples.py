"""A batch transform as the tests need it: the least that can be said, and every choice made."""

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving@sha256:" + "0" * 64
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
OTHER_KEY = "arn:aws:kms:eu-central-1:123456789012:key/{}"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "scores", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
FOUNDATION = {
    "account": {"region": "eu-central-1", "id": "123456789012"},
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "model_security_group_id": "sg-1"},
    "encryption": {"arn": KEY},
    "registry": {
        "bucket": "models",
        "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/serving",
        "repository_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving",
    },
    "alerts": TOPIC,
}
LEAST = {
    "foundation": FOUNDATION,
    "artefact": {"version": "1.4.0", "containers": [{"image": IMAGE, "model_data": "s3://models/ranker/1.4.0/"}]},
    "instance_type": "ml.m6i.large",
    "input": {"uri": "s3://records/in/{date}/", "content_type": "text/csv"},
    "output": {"uri": "s3://records/out/{date}/"},
    "schedule": {"expression": "cron(30 2 * * ? *)"},
}
MOST = {
    **LEAST,
    "foundation": {**FOUNDATION, "permissions_boundary": "arn:aws:iam::123456789012:policy/bounds"},
    "artefact": {
        "version": "1.4.0",
        "containers": [{"image": IMAGE, "model_data": "s3://models/scaler/1.0.0/"}, {"image": IMAGE}],
    },
    "instance_type": "ml.g5.xlarge",
    "instance_count": 4,
    "input": {
        "uri": "s3://records/in/{date}/", "content_type": "text/csv", "split_type": "Line", "compression_type": "Gzip",
        "key": OTHER_KEY.format("1"),
    },
    "output": {
        "uri": "s3://scores/{date}/", "accept": "text/csv", "assemble_with": "Line", "key": OTHER_KEY.format("2"),
    },
    "batching": {"strategy": "MultiRecord", "max_payload_mb": 10, "max_concurrent_transforms": 10},
    "data_processing": {"input_filter": "$[1:]", "join_source": "Input", "output_filter": "$[0,-1]"},
    "schedule": {
        "expression": "cron(0 6 ? * MON-FRI *)", "time_zone": "Europe/Berlin", "flexible_window_minutes": 30,
    },
    "run": {
        "timeout": "2h", "restarts": 2, "invocation_timeout_seconds": 60, "invocation_retries": 1,
        "make_log_group": False,
    },
    "alerts": "arn:aws:sns:eu-central-1:123456789012:scores",
    "labels": LABELS,
}  # fmt: skip
