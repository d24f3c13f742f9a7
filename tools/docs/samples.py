"""What each leaf field of a `Service` is tried with, to learn whether a target honours or refuses it."""

from collections.abc import Mapping
from typing import Any

DIGEST = "sha256:" + "1" * 64
OTHER_DIGEST = "sha256:" + "2" * 64
PINS = {"models:/sample/1.0.0": DIGEST, "models:/other/1.0.0": DIGEST}
BARE = {"model": {"uri": "models:/sample/1.0.0"}}

GROUPS: Mapping[str, Any] = {
    "size.gpu": {"type": "l4"},
    "rollout.canary": {"steps": [10]},
    "rollout.linear": {"step": 10, "interval": "10m"},
    "rollout.ab_test": {"variants": {"1.0.0": 50, "1.1.0": 50}},
    "access.jwt": {"issuer": "https://issuer.example", "audiences": ["models"], "jwks": "/etc/keys.json"},
    "access.rate": {"per_key": "100/s", "burst": 200},
    "access.public": {"reason": "a demonstration", "auth": "keys", "rate_limit": "10/s"},
    "data.capture": {"sample": "1%", "expires": "14d"},
}
"""What a group needs to be complete, so that one field in it can be changed."""

NATIVE: Mapping[str, Mapping[str, Any]] = {"local": {"port": 9443}}
"""A word of each target's own, for `native`."""

SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "model.uri": ("models:/other/1.0.0",),
    "model.digest": (OTHER_DIGEST,),
    "runtime": ("components/modelberth/runtimes/serving.yaml", "mlserver"),
    "size.cpu": (2, 1.5),
    "size.memory_gib": (4,),
    "size.gpu.type": ("a100",),
    "size.gpu.count": (2,),
    "scale.min": (0,),
    "scale.max": (2,),
    "scale.on.concurrency": (4,),
    "scale.on.requests_per_second": (100,),
    "scale.on.cpu": ("70%",),
    "scale.schedule": ([{"cron": "0 8 * * 1-5", "min": 2, "max": 4}],),
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
    "rollout.gates": ([{"error_rate": {"below": "1%"}}],),
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
    "data.residency": ("eu",),
    "data.capture.sample": ("2%",),
    "data.capture.expires": ("7d",),
    "data.retention": ("30d",),
}
"""Path of a leaf to values other than what it is when it is left out."""
