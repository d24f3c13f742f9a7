"""The long texts of aws_by_hand.py: policies, alarms, the dashboard."""

import json
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f1e2d3c"
ENDPOINTS, INSTANCES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"


def arn(service: str, name: str, account: str = ACCOUNT) -> str:
    """An ARN of the region."""
    return f"arn:aws:{service}:{REGION}:{account}:{name}"


def statement(sid: str, actions: list[str], resources: list[str], condition: Any = None) -> dict[str, Any]:
    """One statement of a policy."""
    plain = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return plain if condition is None else {**plain, "Condition": condition}


def trust() -> str:
    """Who may assume the role: SageMaker, for this account and region."""
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": arn("sagemaker", "*")}}
    assume = {"Sid": "Assume", "Effect": "Allow", "Principal": {"Service": ["sagemaker.amazonaws.com"]}}
    stated = {**assume, "Action": ["sts:AssumeRole"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [stated]})


def policy(physical: str, prefix: str) -> str:
    """What the role may do."""
    subnets = [arn("ec2", f"subnet/{subnet}", "*") for subnet in ("subnet-a", "subnet-b")]
    unnamed = arn("ec2", "network-interface/*")
    logs = arn("logs", f"log-group:/aws/sagemaker/Endpoints/{physical}:*")
    interface, look = "NetworkInterface", ["DhcpOptions", "NetworkInterfaces", "SecurityGroups"]
    statements = [
        statement("ReadFiles", ["s3:GetObject"], [f"arn:aws:s3:::models/{prefix}*"]),
        statement(
            "ListFiles1",
            ["s3:ListBucket"],
            ["arn:aws:s3:::models"],
            {"StringLike": {"s3:prefix": [f"{prefix}*"]}},
        ),
        statement(
            "PullImages",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [arn("ecr", "repository/serving")],
        ),
        statement("LogIn", ["ecr:GetAuthorizationToken"], ["*"]),
        statement("WriteLogs", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [logs]),
        statement(
            "PutMetrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*"]}},
        ),
        statement(
            "MakeInterfaces",
            [f"ec2:Create{interface}"],
            [unnamed, *subnets, arn("ec2", "security-group/sg-1", "*")],
        ),
        statement(
            "UseInterfaces",
            [f"ec2:Create{interface}Permission", f"ec2:Delete{interface}", f"ec2:Delete{interface}Permission"],
            [unnamed],
            {"ArnLike": {"ec2:Subnet": subnets}},
        ),
        statement(
            "LookAtNetwork", [f"ec2:Describe{what}" for what in (*look, "Subnets", "VpcEndpoints", "Vpcs")], ["*"]
        ),
        statement("EncryptVolumes", ["kms:CreateGrant"], [KEY], {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def alarms(physical: str) -> dict[str, dict[str, Any]]:
    """Role to the inputs of its alarm."""
    changed = "look at saturation, then at what changed in the model."
    more = "add instances, or larger ones."
    return {
        "stable-5xx": _share(
            physical, "5XX", 60, 0.001, "answers more than 0.1% of its requests with 5xx; read its log first."
        ),
        "stable-p95": _latency(physical, "p95", 200, changed),
        "stable-p99": _latency(physical, "p99", 500, changed),
        "stable-4xx": _share(
            physical, "4XX", 300, 0.05, "refuses more than 5% of its requests; ask what callers changed."
        ),
        "stable-cpu": _full(physical, "CPU", "Average", 180, f"uses more than 90% of its cpu; {more}"),
        "stable-memory": _full(physical, "Memory", "Maximum", 90, f"uses more than 90% of its memory; {more}"),
        "stable-disk": _full(physical, "Disk", "Maximum", 75, f"uses more than 75% of its disk; {more}"),
    }


def _alarm(threshold: float, breaching: int, meaning: str) -> dict[str, Any]:
    return {
        "alarm_description": meaning,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": threshold,
        "evaluation_periods": 3,
        "datapoints_to_alarm": breaching,
        "treat_missing_data": "notBreaching",
    }


def _of(physical: str) -> dict[str, str]:
    return {"EndpointName": physical, "VariantName": "stable"}


def _share(physical: str, status: str, period: int, threshold: float, meaning: str) -> dict[str, Any]:
    measured = [
        {
            "id": word,
            "metric": {
                "namespace": ENDPOINTS,
                "metric_name": metric,
                "dimensions": _of(physical),
                "period": period,
                "stat": "Sum",
            },
        }
        for word, metric in {"errors": f"Invocation{status}Errors", "requests": "Invocations"}.items()
    ]
    watched = {
        "id": "watched",
        "expression": "IF(requests >= 1, errors / requests, 0)",
        "label": f"stable-{status.lower()}",
        "return_data": True,
    }
    return {**_alarm(threshold, 2, f"Variant stable {meaning}"), "metric_queries": [*measured, watched]}


def _latency(physical: str, percentile: str, limit: int, meaning: str) -> dict[str, Any]:
    whole = f"The {percentile} latency of variant stable is above its SLO of {limit} ms; {meaning}"
    return {
        **_alarm(limit * 1000, 2, whole),
        "namespace": ENDPOINTS,
        "metric_name": "ModelLatency",
        "dimensions": _of(physical),
        "period": 60,
        "extended_statistic": percentile,
    }


def _full(physical: str, what: str, statistic: str, threshold: float, meaning: str) -> dict[str, Any]:
    return {
        **_alarm(threshold, 3, f"Variant stable {meaning}"),
        "namespace": INSTANCES,
        "metric_name": f"{what}Utilization",
        "dimensions": _of(physical),
        "period": 300,
        "statistic": statistic,
    }


def dashboard(physical: str, roles: list[str]) -> str:
    """Alarms, requests, errors, latency, saturation, instances."""
    arns = [arn("cloudwatch", f"alarm:{physical}-{role}") for role in roles]
    shown = {"title": f"Alarms of {physical}", "alarms": arns, "sortBy": "stateUpdatedTimestamp"}
    graphs = {
        "Requests a minute": [_line(physical, ENDPOINTS, "Invocations", {"label": "stable", "stat": "Sum"})],
        "Errors, %": _errors(physical),
        "Latency of the model, ms": _latencies(physical),
        "In use, %": _saturation(physical),
        "Instances that answer": _instances(physical),
    }
    widgets = [
        {"type": "alarm", "x": 0, "y": 0, "width": 24, "height": 4, "properties": shown},
        *(_graph(place, title, metrics) for place, (title, metrics) in enumerate(graphs.items())),
    ]
    return json.dumps({"start": "-PT3H", "periodOverride": "inherit", "widgets": widgets})


def _graph(place: int, title: str, metrics: list[Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": title,
        "region": REGION,
        "view": "timeSeries",
        "period": 60,
        "metrics": metrics,
        "yAxis": {"left": {"min": 0, "showUnits": False}},
    }
    if title.startswith("Latency"):
        lines = [{"label": f"SLO {name}", "value": limit} for name, limit in {"p95": 200.0, "p99": 500.0}.items()]
        properties["annotations"] = {"horizontal": lines}
    where = {"x": place % 2 * 12, "y": 4 + place // 2 * 6, "width": 12, "height": 6}
    return {**where, "type": "metric", "properties": properties}


def _line(physical: str, namespace: str, metric: str, how: dict[str, Any]) -> list[Any]:
    return [namespace, metric, "EndpointName", physical, "VariantName", "stable", how]


def _hidden(physical: str, namespace: str, metric: str, statistic: str, word: str, mark: str) -> list[Any]:
    how = {"label": word, "stat": statistic, "id": f"{word}{mark}", "visible": False}
    return _line(physical, namespace, metric, how)


def _shown(expression: str, label: str, name: str) -> list[Any]:
    return [{"expression": expression, "label": label, "id": f"shown_{name}"}]


def _errors(physical: str) -> list[Any]:
    found = []
    for status in ("4XX", "5XX"):
        mark = f"0{status}"
        found += [
            _hidden(physical, ENDPOINTS, f"Invocation{status}Errors", "Sum", "errors", mark),
            _hidden(physical, ENDPOINTS, "Invocations", "Sum", "requests", mark),
            _shown(
                f"100 * IF(requests{mark} >= 1, errors{mark} / requests{mark}, 0)",
                f"stable {status}",
                f"errors_requests{mark}",
            ),
        ]
    return found


def _latencies(physical: str) -> list[Any]:
    found = []
    for name in ("p50", "p95", "p99"):
        found += [
            _hidden(physical, ENDPOINTS, "ModelLatency", name, "latency", f"0{name}"),
            _shown(f"latency0{name} / 1000", f"stable {name}", f"latency0{name}"),
        ]
    return found


def _saturation(physical: str) -> list[Any]:
    found = []
    for metric, word, statistic, full in (
        ("CPUUtilization", "cpu", "Average", 200),
        ("MemoryUtilization", "memory", "Maximum", 100),
        ("DiskUtilization", "disk", "Maximum", 100),
    ):
        found += [
            _hidden(physical, INSTANCES, metric, statistic, word, "0"),
            _shown(f"100 * {word}0 / {full}", f"stable {word}", f"{word}0"),
        ]
    return found


def _instances(physical: str) -> list[Any]:
    return [
        _hidden(physical, ENDPOINTS, "Invocations", "Sum", "requests", "0"),
        _hidden(physical, ENDPOINTS, "InvocationsPerInstance", "Sum", "share", "0"),
        _shown("IF(share0 > 0, requests0 / share0, 0)", "stable", "requests_share0"),
    ]
