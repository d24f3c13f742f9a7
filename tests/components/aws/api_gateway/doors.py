"""Front doors of three sizes, and what tests look for in their plans."""

import json

import pulumi
from components.aws.api_gateway.samples import (
    CERTIFICATE,
    FOUNDATION,
    LABELS,
    NETWORK,
    OPEN,
    POOL,
    PRINCIPAL,
)

from modelberth.aws.api_gateway.access import resource_policy
from modelberth_policies.sources.program import run_in_process

KEYS = {"keys": ["web", "batch"]}
BOUNDARY = "arn:aws:iam::123456789012:policy/models"

MAX = {
    "callers": {
        **KEYS,
        "plan": {"rate": {"per_key": "10/s", "burst": 20}, "quota": {"requests": 100_000, "per": "day"}},
        "plans": {"batch": {"rate": {"per_key": "1/s", "burst": 5}}},
        "cognito": {"user_pool_arn": POOL, "scopes": ["models/predict"]},
    },
    "public": {**OPEN, "auth": "jwt", "per_address": "5/s", "max_body_kib": 32},
    "versions": {"1.4.0": "stable", "1.5.0": "candidate"},
    "request": {"features": {"type": "array", "items": {"type": "array"}}, "timeout": "10s"},
    "domain": {"name": "models.example.com", "certificate_arn": CERTIFICATE, "zone_id": "Z1"},
    "alarms": {"p95": "200ms", "errors_5xx": "0.5%", "errors_4xx": "10%"},
    "logs": {"tracing": True},
    "labels": LABELS,
}
GUARDED = {
    "foundation": {**FOUNDATION, "permissions_boundary": BOUNDARY},
    "callers": {"principals": [PRINCIPAL]},
    "versions": {"1.4.0": "s-ranker-a", "1.5.0": "s-ranker-b"},
    "request": {"target": "inference_component", "default_version": "1.4.0"},
    "rate_limit": "20/s",
    "logs": {"execution": "off"},
}

SCENARIOS = {"defaults": {"callers": KEYS}, "max": MAX, "guarded": GUARDED}


def the(plan, kind):
    """The only resource of a kind: `apigateway/method:Method`."""
    (found,) = plan.of_type(f"aws:{kind}")
    return found


def named(plan, kind, name):
    return next(resource for resource in plan.of_type(f"aws:{kind}") if resource.name == name)


def statements(resource, name="policy"):
    return json.loads(resource.get(name))["Statement"]


def policy_of(vpc_endpoint=NETWORK["api_endpoint_id"], **callers):
    """The resource policy of an API whose ARN is known."""
    found = []

    def program():
        made = resource_policy("arn:api", "live/POST/predict", vpc_endpoint, callers.get("principals", ()))
        if made is not None:
            pulumi.export("policy", made)
            made.apply(lambda text: found.append(json.loads(text)["Statement"]))

    run_in_process(program)
    return found[0] if found else None
