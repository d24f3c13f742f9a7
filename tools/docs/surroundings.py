"""What a service must say so that each target accepts all of it but the field that is tried, and where it then runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docs.samples import Values, With

REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/models"
IMAGE = f"{REPOSITORY}@sha256:{'4' * 64}"

FOUNDATIONS: Mapping[str, Mapping[str, Any]] = {
    # All of it is there already, so that every value is plain: translations can then be compared.
    "aws": {
        "account": {"region": "eu-central-1", "id": "123456789012"},
        "network": {
            "vpc_id": "vpc-0123456789abcdef0",
            "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "model_security_group_id": "sg-0123456789abcdef0",
            "api_endpoint_id": "vpce-0123456789abcdef0",
        },
        "encryption": {"arn": "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"},
        "registry": {
            "bucket": "models-of-the-docs",
            "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/models",
            "repository_url": REPOSITORY,
        },
        "images": {"serving": IMAGE, "triton": IMAGE.replace("4", "5")},
    },
    "kubernetes": {
        "cluster": {"kubeconfig": "kubeconfig", "context": "docs", "api_server": {"cidr": "10.0.0.1/32"}},
        "namespace": "models",
        "models": {"prefix": "s3://models-of-the-docs"},
        "images": {
            "serving": "ghcr.io/modelberth/serving@sha256:" + "4" * 64,
            "mlserver": "ghcr.io/modelberth/mlserver@sha256:" + "5" * 64,
            "triton": "ghcr.io/modelberth/triton@sha256:" + "6" * 64,
            "ray-llm": "ghcr.io/modelberth/ray-llm@sha256:" + "7" * 64,
        },
        "addons": [
            *("argo-rollouts", "cert-manager", "envoy-gateway", "envoy-ratelimit", "gateway-api", "keda", "knative"),
            *("kserve", "kueue"),
            *("leader-worker-set", "prometheus-operator", "ray", "seldon-core-1", "seldon-core-2"),
        ],
        "gateway": {
            "name": "models",
            "namespace": "models",
            "hostname": "models.example.com",
            "listener": "https",
        },
        "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
        "accelerators": {
            gpu: {"node_selector": {"nvidia.com/gpu.product": product}}
            for gpu, product in (("l4", "NVIDIA-L4"), ("a10g", "NVIDIA-A10G"))
        },
        "residency": ["eu"],
    },
}
"""Cloud to the arguments of its foundation. Left out: its defaults."""

POOLS = [f"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Docs{number}" for number in (1, 2)]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one target needs besides."""

    bare: Values = field(default_factory=dict)
    """What every service on it says."""
    around: Mapping[str, Values] = field(default_factory=dict)
    """Beginning of a path to what must stand around a field there."""
    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Field to values, where those of the table are not enough; `native` always."""
    foundation: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of its cloud's foundation that differ for it."""


def _jwks(issuer: str) -> str:
    return f"{issuer}/.well-known/jwks.json"


TOKENS = {"issuer": POOLS[0], "audiences": ["models/predict"], "jwks": _jwks(POOLS[0])}
API_AROUND: Mapping[str, Values] = {
    "access.jwt": {"access.jwt": TOKENS},
    "access.rate": {"access.keys": ["web"]},
    "access.public": {"access.keys": ["web"]},
}
API_VALUES: Mapping[str, tuple[Any, ...]] = {
    "runtime": ("triton", "mlserver"),
    "access.jwt.issuer": (With(POOLS[1], {"access.jwt.jwks": _jwks(POOLS[1])}), "https://issuer.example"),
    "access.jwt.audiences": (["models/predict", "models/explain"], ["models"]),
    "access.jwt.jwks": (With(_jwks(POOLS[1]), {"access.jwt.issuer": POOLS[1]}), "https://issuer.example/keys"),
    "access.public.auth": ("jwt", With("none", {"access.keys": []})),
}
INSTANCE_AROUND: Mapping[str, Values] = {
    "size.gpu": {"size.cpu": 4, "size.memory_gib": 16},
    "scale.on": {"scale.max": 3},
}
INSTANCE_VALUES: Mapping[str, tuple[Any, ...]] = {
    "size.cpu": (4, 3),
    "size.memory_gib": (4, 5),
    "size.gpu.count": (With(4, {"size.cpu": 48, "size.memory_gib": 192}), 3),
    "scale.min": (With(2, {"scale.max": 2}), 0),
    "scale.max": (With(3, {"scale.on.concurrency": 4}), 3),
}
WATCHED = {"slo.p99": "1s"}
"""What says when to roll back."""
STEPS_VALUES: Mapping[str, tuple[Any, ...]] = {
    "rollout.canary.steps": ([20], [10, 50]),
    "rollout.linear.step": (20, 5),
}
STRATEGIES_AROUND: Mapping[str, Values] = {
    **{f"rollout.{strategy}": WATCHED for strategy in ("blue_green", "canary", "rolling")},
    # Within an hour, with the instances.
    "rollout.linear": {**WATCHED, "rollout.linear.step": 25},
}
DAY_AND_NIGHT = [{"cron": "0 6 * * *", "min": 2, "max": 4}, {"cron": "0 20 * * *", "min": 1, "max": 4}]
KUBERNETES_TOKENS = {
    "issuer": "https://login.example.com",
    "audiences": ["models"],
    "jwks": "https://login.example.com/keys",
}
KUBERNETES_AROUND: Mapping[str, Values] = {
    "access.jwt": {"access.jwt": KUBERNETES_TOKENS},
    "access.rate": {"access.keys": ["web"], "access.rate": {"per_key": "100/s", "burst": 100}},
    "access.public": {"access.keys": ["web"]},
    "scale.on": {"scale.max": 3},
    "scale.schedule": {"scale.max": 4, "scale.schedule": DAY_AND_NIGHT},
}
KUBERNETES_VALUES: Mapping[str, tuple[Any, ...]] = {
    "access.rate.per_key": (With("50/s", {"access.rate.burst": 50}), "50/s"),
    "access.rate.burst": (6000, 200),
    "access.public.auth": ("jwt", With("none", {"access.keys": []})),
    "runtime": ("mlserver", "triton", "flask"),
    "scale.min": (With(2, {"scale.max": 2}), 0),
    "scale.max": (With(3, {"scale.on.cpu": "70%"}), 3),
}
MEDIUM = {"size.cpu": 2, "size.memory_gib": 8}

OF_TARGET: Mapping[str, Surroundings] = {
    "local": Surroundings(
        around={"rollout.rolling": {}},
        values={"native": ({"port": 9443}, {"max_body_bytes": 4096})},
    ),
    "aws:sagemaker/asynchronous": Surroundings(
        bare=MEDIUM,
        around={**INSTANCE_AROUND, **STRATEGIES_AROUND, "access.rate": {}},
        values={
            **INSTANCE_VALUES,
            **STEPS_VALUES,
            "runtime": API_VALUES["runtime"],
            "scale.min": (With(0, {"scale.on.concurrency": 4}), 0),
            "native": ({"max_concurrent_per_instance": 4},),
        },
    ),
    "aws:sagemaker/components": Surroundings(
        bare=MEDIUM,
        around={**API_AROUND, **INSTANCE_AROUND},
        values={
            **API_VALUES,
            **INSTANCE_VALUES,
            "scale.min": (With(0, {"scale.on.concurrency": 4}), With(2, {"scale.max": 2})),
            "native": ({"routing": "RANDOM"},),
        },
    ),
    "aws:sagemaker/realtime": Surroundings(
        bare=MEDIUM,
        around={**API_AROUND, **INSTANCE_AROUND, **STRATEGIES_AROUND, "rollout.gates": {"rollout.blue_green": {}}},
        values={**API_VALUES, **INSTANCE_VALUES, **STEPS_VALUES, "native": ({"traffic_expected": True},)},
    ),
    "aws:sagemaker/serverless": Surroundings(
        around={**API_AROUND, "scale.schedule": {"scale.min": 1, "scale.max": 9}},
        values={
            **API_VALUES,
            "size.memory_gib": (4, 1.5),
            "scale.min": (With(2, {"scale.max": 20}),),
            "scale.max": (9, 201),
            "native": ({"traffic_expected": True},),
        },
    ),
    "kubernetes:deployment": Surroundings(
        around={**KUBERNETES_AROUND, "rollout.rolling": {}},
        values={**KUBERNETES_VALUES, "native": ({"callers": {"namespaces": ["shop"]}},)},
    ),
    "kubernetes:edge": Surroundings(
        around={
            **{start: values for start, values in KUBERNETES_AROUND.items() if not start.startswith("scale")},
            "scale": {},
        },
        values={
            **KUBERNETES_VALUES,
            "scale.min": (0,),
            "scale.max": (3,),
            "native": ({"callers": {"namespaces": ["shop"]}}, {"files": "image"}),
        },
        foundation={"models": {"oci": "ghcr.io/modelberth/models"}},
    ),
    "kubernetes:kserve": Surroundings(
        around=KUBERNETES_AROUND,
        values={**KUBERNETES_VALUES, "native": ({"callers": {"namespaces": ["shop"]}},)},
    ),
    "kubernetes:seldon/v1": Surroundings(
        around={**KUBERNETES_AROUND, "scale.schedule": {"scale.schedule": DAY_AND_NIGHT}},
        values={
            **KUBERNETES_VALUES,
            "runtime": ("mlserver", "seldon-v1-sklearn", "seldon-v2-triton"),
            "native": ({"callers": {"namespaces": ["shop"]}},),
        },
    ),
    "kubernetes:seldon/v2": Surroundings(
        bare={"runtime": "seldon-v2-mlserver"},
        around={**KUBERNETES_AROUND, "scale.on": {}, "scale.schedule": {"scale.schedule": DAY_AND_NIGHT}},
        values={
            **KUBERNETES_VALUES,
            "runtime": ("seldon-v2-triton", "serving"),
            "scale.max": (3,),
            "native": ({"callers": {"namespaces": ["shop"]}},),
        },
    ),
    "kubernetes:ray": Surroundings(
        bare={"runtime": "ray-llm", "size.cpu": 8, "size.memory_gib": 64, "size.gpu.type": "l4"},
        around={**KUBERNETES_AROUND, "size.gpu": {}},
        values={
            **KUBERNETES_VALUES,
            "runtime": ("triton", "flask"),
            "size.gpu.count": (2, 33),
            "scale.max": (With(3, {"scale.on.concurrency": 4}), 3),
            "native": ({"callers": {"namespaces": ["shop"]}}, {"upgrade": {"kind": "None"}}),
        },
    ),
    "kubernetes:rollouts": Surroundings(
        around={
            **KUBERNETES_AROUND,
            "rollout.rolling": {},
            "rollout.canary": {"access.keys": ["web"], "rollout.canary.steps": [10]},
            "rollout.linear": {
                "access.keys": ["web"],
                "rollout.linear.step": 10,
                "rollout.linear.interval": "10m",
            },
            "rollout.gates": {"access.keys": ["web"], "rollout.canary.steps": [10]},
        },
        values={
            **KUBERNETES_VALUES,
            "rollout.canary.bake": ("5m", 2**31),
            "native": ({"callers": {"namespaces": ["shop"]}},),
        },
    ),
}
"""Target to what it needs."""
