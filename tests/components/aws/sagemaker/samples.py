"""What the tests of endpoints deploy: a foundation that is there already, and the least that each kind takes."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from plans import remembered

from modelberth.core.errors import ConfigError
from modelberth_policies.resources import Plan, Resource
from modelberth_policies.sources.program import run_in_process

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
IMAGE = f"{ECR}/serving@sha256:{'0' * 64}"
NEWER_IMAGE = f"{ECR}/serving@sha256:{'1' * 64}"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
ALERTS = "arn:aws:sns:eu-central-1:123456789012:alerts"
FOUNDATION: dict[str, Any] = {
    "account": ACCOUNT,
    "network": {
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "model_security_group_id": "sg-1",
        "api_endpoint_id": "vpce-1",
    },
    "encryption": {"arn": KEY},
    "registry": {
        "bucket": "models",
        "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/serving",
        "repository_url": f"{ECR}/serving",
    },
}
LABELS: dict[str, Any] = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
CONTAINER: dict[str, Any] = {"image": IMAGE, "model_data": "s3://models/ranker/1.4.0/"}
ARTEFACT: dict[str, Any] = {"version": "1.4.0", "containers": [CONTAINER]}
VARIANT: dict[str, Any] = {**ARTEFACT, "instance_type": "ml.m7i.large"}
NEWER: dict[str, Any] = {
    **VARIANT, "version": "1.5.0", "containers": [{"image": NEWER_IMAGE, "model_data": "s3://models/ranker/1.5.0/"}],
}  # fmt: skip
SLO = {"p95": "200ms", "availability": "99.9%"}

REALTIME: dict[str, Any] = {"foundation": FOUNDATION, "variants": {"stable": VARIANT}}
SERVERLESS: dict[str, Any] = {
    "foundation": FOUNDATION,
    "artefact": {**ARTEFACT, "containers": [{"image": IMAGE, "model_data": "s3://models/ranker/1.4.0/model.tar.gz"}]},
    "memory_size_mb": 2048,
    "max_concurrency": 20,
}
ASYNCHRONOUS: dict[str, Any] = {
    "foundation": FOUNDATION,
    "artefact": ARTEFACT,
    "instance_type": "ml.m7i.large",
    "requests": {"bucket": "jobs", "prefix": "requests/"},
    "answers": {"bucket": "jobs", "prefix": "answers/", "failures": "failures/"},
}

IN_SERVICE = "pulumi-python:dynamic/modelberth:EndpointInService"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"


@remembered
def planned(kind: type, given: Mapping[str, Any], name: str = "ranker", stack: str = "prod", **inside: Any) -> Plan:
    """The plan of one endpoint of a kind, with what it says of itself as outputs.

    `with_endpoint=function` is called with the endpoint, in the program.
    """
    then: Callable[[Any], None] | None = inside.get("with_endpoint")

    def program() -> None:
        endpoint = kind(name, given)
        said = {
            "url": endpoint.url,
            "resource_id": endpoint.resource_id,
            "name": endpoint.name,
            "versions": endpoint.versions,
            "signals": endpoint.metrics.apply(sorted),
            "api_keys": endpoint.api_keys,
            "protocols": list(endpoint.protocols),
            "traffic_control": endpoint.traffic_control,
            "ca_certificate_file": endpoint.ca_certificate_file,
        }
        for output, value in said.items():
            pulumi.export(output, value)
        if then is not None:
            then(endpoint)

    return run_in_process(program, stack=stack)


def use(endpoint: Any) -> None:
    """Something that waits for an endpoint's outputs."""
    pulumi.CustomResource("test:index:User", "user", {"url": endpoint.url, "id": endpoint.resource_id})


def only(plan: Plan, type_: str) -> Resource:
    """The one resource of a type."""
    [found] = plan.of_type(type_)
    return found


def before(plan: Plan, resource: Resource) -> set[str]:
    """Types and names of all that a resource waits for, near and far: `aws:iam/role:Role::ranker-role`.

    A child is registered when its parent is, and that when everything is there on which the parent depends.
    """
    by_urn = {each.urn: each for each in plan}
    found: set[str] = set()
    open_ = [resource]
    while open_:
        next_ = open_.pop()
        for urn in (*next_.dependencies, next_.parent or ""):
            if urn in by_urn and urn not in found:
                found.add(urn)
                open_.append(by_urn[urn])
    return {f"{by_urn[urn].type}::{by_urn[urn].name}" for urn in found}


def faults(parse: Callable[[], object]) -> list[str]:
    """The messages of what is refused."""
    try:
        parse()
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return []
