"""How services are used, where a program does not say: `policies/usage.yaml`, typed. Every value has a stated default.

    environments:
      prod: {requests: 20000000, busy_share: 0.5}
    overrides:
      - {urn: "*::ranker*", requests: 80000000, mean_ms: 20}

`modelberth_policies.bill` needs none of this: it takes the plain `Profile` that `Usage.of_stack` gives.
"""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from modelberth_policies.bill.assumptions import ENVIRONMENTS, PATTERNS, Profile, environment_of
from modelberth_policies.configuration import Configuration, read_model

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Values(Configuration):
    """Values in place of those of the environment. All are of one resource in one month."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    hours: Annotated[float, Field(ge=0, le=744)] | None = None
    """Hours that it exists. Left out: 730."""
    busy_share: Share | None = None
    """Where an autoscaler stands between its minimum (0) and its maximum (1), on average. Left out: 0.3 in prod, 0.1 in
    other environments."""
    active_hours: Annotated[float, Field(ge=0, le=744)] | None = None
    """Hours in which something that scales to zero is at work. Left out: 120 in prod, 40 in staging, 20 in dev."""
    requests: Amount | None = None
    """Requests to an endpoint, an API, a firewall or a function. Left out: 3 million in prod, 300,000 in staging,
    100,000 in dev."""
    request_kb: Amount | None = None
    """Size of a request, in kB. Left out: 4."""
    response_kb: Amount | None = None
    """Size of an answer, in kB. Left out: 2."""
    mean_ms: Amount | None = None
    """How long a request keeps a server busy, in milliseconds. Left out: 50."""
    log_gb: Amount | None = None
    """What goes into one log group. Left out: 5 in prod, 1 in staging, 0.5 in dev."""
    s3_gb: Amount | None = None
    """What lies in one bucket. Left out: 50 in prod, 10 in staging, 5 in dev."""
    s3_requests: Amount | None = None
    """Objects that are written to one bucket, and as many that are read. Left out: 100,000."""
    ecr_gb: Amount | None = None
    """What lies in one image repository. Left out: 5."""
    processed_gb: Amount | None = None
    """What passes one NAT gateway or one interface endpoint. Left out: 50 in prod, 10 in staging, 2 in dev."""
    capacity_units: Amount | None = None
    """Average capacity units of one load balancer. Left out: 1."""
    api_calls: Amount | None = None
    """Calls to one key or one secret. Left out: 50,000."""
    job_minutes: Amount | None = None
    """How long one monitoring or processing job runs. Left out: 20."""
    volume_gb: Amount | None = None
    """Disk of an instance or a task where the program names no size. Left out: 30."""
    provisioning_minutes: Amount | None = None
    """How long new instances of a rollout run before they serve. Left out: 10."""
    node_vcpu_hour_usd: Amount | None = None
    """What a vCPU of a Kubernetes node costs an hour, in US dollars; 0 where the nodes are in this bill or another.
    Left out: pods have no price."""
    node_gib_hour_usd: Amount | None = None
    """What a GiB of memory of a Kubernetes node costs an hour, in US dollars; 0 as above. Left out: pods have no
    price."""
    node_gpu_hour_usd: Amount | None = None
    """What a GPU of a Kubernetes node costs an hour beside its vCPUs and memory, in US dollars; 0 as above. Left out:
    pods have no price of their GPUs."""
    quiet: Share | None = None
    """A quiet month's share of the expected requests, bytes and calls. Left out: 0.5."""
    surge: Annotated[float, Field(ge=1, allow_inf_nan=False)] | None = None
    """The worst month's multiple of them. Left out: 2."""

    def given(self) -> Mapping[str, float]:
        """The fields that have a value."""
        return {name: value for name, value in self if name in VALUES and value is not None}


VALUES = frozenset(Values.model_fields)


class Environment(Values):
    """What is assumed of every resource of an environment."""

    stacks: tuple[str, ...] | None = None
    """Patterns of the stacks that belong to it. Left out: for prod, staging and dev those of the built-in limits; for
    any other name, the stack of that name."""


class Override(Values):
    """Other values for some resources."""

    urn: Annotated[str, Field(min_length=1)]
    """Pattern of URNs, of their tails or of names (`*::ranker*`). Of several that fit, the later wins."""


class Usage(Configuration):
    """`policies/usage.yaml`."""

    model_config = ConfigDict(use_attribute_docstrings=True, title="policies/usage.yaml")

    environments: Mapping[str, Environment] = {}
    """Environment → what is assumed in it, in the order in which their patterns are tried. Left out: prod, staging and
    dev as built in; a stack that fits none is assumed to be used as prod is."""
    overrides: tuple[Override, ...] = ()
    """Other values for some resources. One that fits no resource of a stack is reported with the bill."""

    def of_stack(self, stack: str) -> Profile:
        """The assumptions for a stack (its bare name, or `organization/project/stack`)."""
        bare = stack.rpartition("/")[2]
        name = next((name for name in self.environments if self._fits(name, bare)), environment_of(bare))
        base = ENVIRONMENTS.get(name, ENVIRONMENTS[environment_of(bare)])
        values = self.environments[name].given() if name in self.environments else {}
        overrides = tuple((override.urn, override.given()) for override in self.overrides)
        return Profile(name, replace(base, **values), overrides)

    def _fits(self, name: str, stack: str) -> bool:
        stated = self.environments[name].stacks
        patterns = PATTERNS.get(name, (name,)) if stated is None else stated
        return any(fnmatchcase(stack, pattern) for pattern in patterns)


def load_usage(path: Path | None) -> Usage:
    """The file; the built-in assumptions where there is none. Raises `ConfigurationError` with line and field."""
    return Usage() if path is None else read_model(path, Usage)


def schema() -> dict[str, Any]:
    """The JSON schema of the file."""
    return Usage.model_json_schema()
