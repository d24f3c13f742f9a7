"""What each leaf field of a `Service` is tried with, to learn whether a target honours or refuses it: one table.

The documentation and the contract of every target read it. Paths are those of `docs.fields`, `[]` being each item of a
list. Everything around a field must be acceptable to the target, or a refusal would tell of that and not of the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
"""Path to the value that is set there."""

DIGEST = "sha256:" + "1" * 64
OTHER_DIGEST = "sha256:" + "2" * 64
PINS = {"models:/sample/1.0.0": DIGEST, "models:/other/1.0.0": DIGEST}
BARE = {"model.uri": "models:/sample/1.0.0"}


@dataclass(frozen=True, slots=True)
class With:
    """A value that is possible only together with others."""

    value: Any
    """What the field itself is set to."""
    others: Values
    """What must change with it."""


AROUND: Mapping[str, Values] = {
    "size.gpu": {"size.gpu.type": "l4"},
    "rollout.canary": {"rollout.canary.steps": [10]},
    "rollout.linear": {"rollout.linear.step": 10, "rollout.linear.interval": "10m"},
    "rollout.ab_test": {"rollout.ab_test.variants": {"1.0.0": 50, "1.1.0": 50}},
    **{
        f"rollout.gates[].{signal}": {f"rollout.gates[].{signal}.below": 0.02}
        for signal in ("error_rate", "p50", "p95", "p99", "saturation", "prediction_drift")
    },
    "rollout.gates[].query": {"rollout.gates[].query": {"query": "up", "below": 1}},
    "rollout.gates[].min_sample": {"rollout.gates[].error_rate.below": 0.02},
    "scale.schedule": {"scale.schedule": [{"cron": "0 6 * * *", "min": 2, "max": 4}]},
    "access.jwt": {
        "access.jwt": {"issuer": "https://issuer.example", "audiences": ["models"], "jwks": "/etc/keys.json"}
    },
    "access.rate": {"access.rate": {"per_key": "100/s", "burst": 200}},
    "access.public": {"access.public": {"reason": "a demonstration", "auth": "keys", "rate_limit": "10/s"}},
    "data.capture": {"data.capture": {"sample": "1%", "expires": "14d"}},
}
"""Beginning of a path to what must stand around a field there for it to mean something, on every target."""

SILENT: Mapping[str, str] = {
    "rollout.all_at_once": "it says in words what a rollout without any strategy means",
}
"""Fields that need not change a translation, with the reason."""

CONDITIONS = ("data.residency",)
"""Fields that change nothing where they are met, and are refused where they are not."""

SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "model.uri": ("models:/other/1.0.0",),
    "model.digest": (OTHER_DIGEST,),
    "runtime": ("mlserver", "components/modelberth/runtimes/serving.yaml"),
    "size.cpu": (2, 1.5),
    "size.memory_gib": (4,),
    "size.gpu.type": ("a10g",),
    "size.gpu.count": (2,),
    "scale.min": (0,),
    "scale.max": (2,),
    "scale.on.concurrency": (4,),
    "scale.on.requests_per_second": (100,),
    "scale.on.cpu": ("70%",),
    "scale.schedule[].cron": ("0 7 * * 1-5",),
    "scale.schedule[].min": (3,),
    "scale.schedule[].max": (5,),
    "rollout.all_at_once": ({},),
    "rollout.blue_green.bake": ("5m",),
    "rollout.canary.steps": ([20],),
    "rollout.canary.bake": ("5m",),
    "rollout.linear.step": (20,),
    "rollout.linear.interval": ("5m",),
    "rollout.rolling.surge": (2,),
    "rollout.rolling.unavailable": (1,),
    "rollout.shadow.sample": ("10%",),
    "rollout.ab_test.variants": ({"1.0.0": 90, "1.1.0": 10},),
    "rollout.ab_test.by": ("cookie",),
    **{
        f"rollout.gates[].{signal}.{limit}": (0.01 if limit == "below" else 1.2,)
        for signal in ("error_rate", "p50", "p95", "p99", "saturation", "prediction_drift", "query")
        for limit in ("below", "times_stable")
    },
    "rollout.gates[].query.query": ("down",),
    "rollout.gates[].min_sample": (10,),
    "access.keys": (["web"],),
    "access.jwt.issuer": ("https://other.example",),
    "access.jwt.audiences": (["others"],),
    "access.jwt.jwks": ("/etc/other.json", "https://issuer.example/keys"),
    "access.rate.per_key": ("50/s",),
    "access.rate.burst": (100,),
    "access.public.reason": ("another demonstration",),
    "access.public.auth": ("jwt",),
    "access.public.rate_limit": ("20/s",),
    "slo.p50": ("50ms",),
    "slo.p95": ("200ms",),
    "slo.p99": ("500ms",),
    "slo.availability": ("99.9%",),
    "data.classification": ("public",),
    "data.residency": ("eu", "us"),
    "data.capture.sample": ("2%",),
    "data.capture.expires": ("7d",),
    "data.retention": ("30d",),
}
"""Path of a leaf to values other than what it is when it is left out."""
