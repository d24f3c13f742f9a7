"""What is assumed about use where a program does not say: each value stated, per environment. Standard library only.

`modelberth_policies.usage` reads other values from a file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How one resource is used in a month."""

    hours: float = 730.0
    """Hours that it exists."""
    busy_share: float = 0.3
    """Where an autoscaler stands between its minimum (0) and its maximum (1), on average."""
    active_hours: float = 60.0
    """Hours in which something that scales to zero is at work."""
    requests: float = 1_000_000.0
    """Requests to an endpoint, an API, a firewall or a function."""
    request_kb: float = 4.0
    """Size of a request."""
    response_kb: float = 2.0
    """Size of an answer."""
    mean_ms: float = 50.0
    """How long a request keeps a server busy."""
    log_gb: float = 1.0
    """What goes into one log group."""
    s3_gb: float = 10.0
    """What lies in one bucket."""
    s3_requests: float = 100_000.0
    """Objects that are written to one bucket, and as many that are read."""
    ecr_gb: float = 5.0
    """What lies in one image repository."""
    processed_gb: float = 10.0
    """What passes one NAT gateway, or one interface endpoint."""
    capacity_units: float = 1.0
    """Average capacity units of one load balancer."""
    api_calls: float = 50_000.0
    """Calls to one key or one secret."""
    job_minutes: float = 20.0
    """How long one monitoring or processing job runs."""
    volume_gb: float = 30.0
    """Disk of an instance or a task where the program names no size."""
    provisioning_minutes: float = 10.0
    """How long new instances of a rollout run before they serve."""
    node_vcpu_hour_usd: float | None = None
    """What a vCPU of a Kubernetes node costs an hour. None: pods have no price. 0: their nodes are billed elsewhere."""
    node_gib_hour_usd: float | None = None
    """What a GiB of its memory costs an hour."""
    node_gpu_hour_usd: float | None = None
    """What one of its GPUs costs an hour, beside vCPUs and memory."""
    quiet: float = 0.5
    """A quiet month's share of the expected requests, bytes and calls."""
    surge: float = 2.0
    """The worst month's multiple of them."""


ENVIRONMENTS: Mapping[str, Assumptions] = {
    "prod": Assumptions(requests=3_000_000.0, log_gb=5.0, s3_gb=50.0, processed_gb=50.0, active_hours=120.0),
    "staging": Assumptions(requests=300_000.0, busy_share=0.1, active_hours=40.0),
    "dev": Assumptions(requests=100_000.0, busy_share=0.1, active_hours=20.0, log_gb=0.5, s3_gb=5.0, processed_gb=2.0),
}
"""Environment → what is assumed in it."""

PATTERNS: Mapping[str, tuple[str, ...]] = {
    "prod": ("prod", "prod-*", "*-prod", "production"),
    "staging": ("staging", "staging-*", "*-staging"),
    "dev": ("dev", "dev-*", "*-dev", "test", "test-*", "preview-*", "local"),
}
"""Environment → patterns of the stacks that belong to it, as in the built-in limits."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The assumptions for one stack."""

    environment: str
    base: Assumptions
    overrides: tuple[tuple[str, Mapping[str, float]], ...] = ()
    """Pattern of URNs, or of their tails, → fields with other values. Of several that fit, later ones win."""

    def of_stack(self, stack: str) -> "Profile":
        """Itself: it is for one stack already."""
        return self

    def of(self, urn: str) -> Assumptions:
        """The assumptions for one resource."""
        found = self.base
        for pattern, values in self.overrides:
            if fits(urn, pattern):
                found = replace(found, **values)
        return found

    def unused(self, urns: Iterable[str]) -> tuple[str, ...]:
        """The patterns that fit none of these."""
        listed = list(urns)
        return tuple(pattern for pattern, _ in self.overrides if not any(fits(urn, pattern) for urn in listed))


class UsageLike(Protocol):
    """What tells the assumptions for a stack: a `Profile`, or a `modelberth_policies.usage.Usage`."""

    def of_stack(self, stack: str) -> Profile:
        """The assumptions for this stack."""
        ...


def fits(urn: str, pattern: str) -> bool:
    """Whether a pattern fits a URN, its tail with the parents' types, or its name."""
    tail = urn.split("::", 2)[-1]
    return any(fnmatchcase(text, pattern) for text in (urn, tail, tail.rpartition("::")[2]))


def environment_of(stack: str) -> str:
    """The environment of a stack by its name; `prod`, the dearest, for one that says nothing."""
    bare = stack.rpartition("/")[2]
    found = (name for name, patterns in PATTERNS.items() if any(fnmatchcase(bare, pattern) for pattern in patterns))
    return next(found, "prod")


def default_profile(stack: str) -> Profile:
    """What is assumed of a stack without a usage file."""
    name = environment_of(stack)
    return Profile(name, ENVIRONMENTS[name])


NAMES = tuple(field.name for field in fields(Assumptions))
