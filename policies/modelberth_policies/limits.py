"""What each environment allows: `policies/limits.yaml`, typed. Every limit has a default, which its field states.

    environments:
      prod: {stacks: [prod, "prod-*"], budget: {monthly_usd: 4000, worst_case_usd: 12000}}
      dev: {stacks: [dev], production: false, gpu: false}

A stack belongs to the first environment with a pattern that fits its name; one that fits none is held to the strictest
limits, those of production.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import Field, model_validator

from modelberth_policies.configuration import Configuration, ConfigurationError, read_model
from modelberth_policies.rule import Category, Level, Rule, Severity


class Budget(Configuration):
    """What a stack may cost, in US dollars a month. What is left out is not limited."""

    monthly_usd: float | None = Field(default=None, ge=0)
    """Ceiling on the expected cost."""
    worst_case_usd: float | None = Field(default=None, ge=0)
    """Ceiling on the cost with every autoscaler at its maximum."""
    delta_usd: float | None = Field(default=None, ge=0)
    """Ceiling on how much dearer than the baseline one change may make it."""
    delta_percent: float | None = Field(default=None, ge=0)
    """The same, in percent of the baseline."""


class Instances(Configuration):
    """Machines that serve models or run their jobs."""

    allowed: tuple[str, ...] = ()
    """Patterns of instance types (`ml.m5.*`, `Standard_D*`). Left out: every type."""
    gpu: bool = True
    """Whether machines with accelerators may be used. Left out: yes."""
    max_hourly_usd: float | None = Field(default=None, ge=0)
    """Ceiling on the list price of one instance. Left out: none."""
    max_count: int = Field(default=20, ge=1)
    """Ceiling on the maximum of an autoscaler, in instances, replicas, nodes or copies. Left out: 20."""


class Serverless(Configuration):
    """Endpoints and functions without machines of their own."""

    max_concurrency: int = Field(default=100, ge=1)
    """Requests at once. Left out: 100."""
    max_memory_mib: int = Field(default=6144, ge=128)
    """Memory of one environment. Left out: 6144, the most that SageMaker gives."""
    max_timeout_seconds: int = Field(default=60, ge=1)
    """How long one request may take. Left out: 60."""


class Images(Configuration):
    """Where containers and models may come from."""

    registries: tuple[str, ...] = ()
    """Patterns of image registries (`111122223333.dkr.ecr.*`, `ghcr.io/acme/*`). Left out: every registry."""
    model_schemes: tuple[str, ...] = ("s3", "gs", "azureml", "oci", "pvc", "hf", "models")
    """Schemes of model addresses. Left out: s3, gs, azureml, oci, pvc, hf, models."""

    model_packages: bool = True
    """Whether SageMaker models of production must be approved packages. Left out: yes; no, where another registry (such
    as MLflow) approves versions."""


class Data(Configuration):
    """Requests, answers and logs that are kept."""

    retention_days: int = Field(default=30, ge=1)
    """How long captured requests may be kept. Left out: 30."""
    log_retention_days: int = Field(default=400, ge=1)
    """How long logs of what is classified as `restricted` or `pii` may be kept. Left out: 400."""
    capture_percent: Mapping[str, int] = {"public": 100, "internal": 20, "confidential": 20, "restricted": 0, "pii": 0}
    """Data classification → percent of requests that may be captured. One that is not named: 20."""
    payload_logging: tuple[str, ...] = ("public", "internal")
    """Data classifications whose requests and answers may be logged. Left out: public, internal."""
    model_monitor: bool = False
    """Whether SageMaker Model Monitor must look at what is captured. Left out: no; AWS closed it to new customers on
    2026-07-30."""


class Kubernetes(Configuration):
    """Workloads in a cluster."""

    gpu_namespaces: tuple[str, ...] = ("*",)
    """Patterns of namespaces that may ask for GPUs, where `instances.gpu` allows them at all. Left out: every one."""
    max_gpus: int = Field(default=8, ge=0)
    """Most GPUs of one container. Left out: 8."""


class Limits(Configuration):
    """The limits of one environment."""

    environment: str = "prod"
    """Name of the environment; set from its key in the file."""
    stacks: tuple[str, ...] = ()
    """Patterns of the stacks that belong to it. Left out: the stack of the environment's own name."""
    production: bool = True
    """Whether the rules for production hold. Left out: yes."""
    regions: tuple[str, ...] = ()
    """Regions that may be used, as patterns (`eu-*`). Left out: every region."""
    public: tuple[str, ...] = ()
    """URN patterns of what is declared to be reachable from the internet. Left out: nothing is."""
    required_tags: tuple[str, ...] = ()
    """Tags or labels that every taggable resource must have. Left out: none."""
    budget: Budget = Budget()
    """What the stack may cost. Left out: nothing is limited."""
    instances: Instances = Instances()
    """Which machines, and how many."""
    serverless: Serverless = Serverless()
    """What runs without machines of its own."""
    images: Images = Images()
    """Where containers and models come from."""
    data: Data = Data()
    """What is kept of requests and logs."""
    kubernetes: Kubernetes = Kubernetes()
    """Workloads in a cluster."""
    levels: Mapping[str, Level] = {}
    """Rule → level, in place of its default."""
    undeterminable: Level = Level.ADVISORY
    """What a mandatory rule does that meets a value which nobody knows yet. Left out: it is reported."""

    def level(self, rule: Rule) -> Level:
        """What a broken rule does here: high and critical ones stop in production; of cost, where a budget is set."""
        if rule.id in self.levels:
            return self.levels[rule.id]
        stops = self.budget.monthly_usd is not None if rule.category is Category.COST else self.production
        return Level.MANDATORY if stops and rule.severity >= Severity.HIGH else Level.ADVISORY

    def is_public(self, urn: str) -> bool:
        """Whether the resource is declared to be reachable from the internet."""
        return any(fnmatchcase(urn, pattern) for pattern in self.public)


DEFAULTS: Mapping[str, Limits] = {
    "prod": Limits(environment="prod", stacks=("prod", "prod-*", "*-prod", "production")),
    "staging": Limits(environment="staging", stacks=("staging", "staging-*", "*-staging"), production=False),
    "dev": Limits(environment="dev", stacks=("dev", "dev-*", "*-dev", "test", "test-*", "preview-*"), production=False),
    "local": Limits(environment="local", stacks=("local",), production=False),
}
"""The environments where there is no file."""


class LimitsFile(Configuration):
    """`policies/limits.yaml`."""

    environments: Mapping[str, Limits] = DEFAULTS
    """Name → limits, tried in this order. Left out: prod, staging, dev and local as built in."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: object) -> object:
        environments = given.get("environments") if isinstance(given, dict) else None
        if not isinstance(environments, dict):
            return given
        named = {
            name: {"environment": name, "stacks": [name], **limits} if isinstance(limits, dict) else limits
            for name, limits in environments.items()
        }
        return {**given, "environments": named} if isinstance(given, dict) else given

    def of_stack(self, stack: str) -> Limits:
        """The limits of a stack (its bare name, or `organization/project/stack`)."""
        bare = stack.rpartition("/")[2]
        for limits in self.environments.values():
            if any(fnmatchcase(bare, pattern) for pattern in limits.stacks):
                return limits
        return DEFAULTS["prod"]


def load_limits(path: Path | None, known_rules: "frozenset[str] | None" = None) -> LimitsFile:
    """The file; the built-in environments where there is none. Raises `ConfigurationError` with line and field."""
    if path is None:
        return LimitsFile()
    found = read_model(path, LimitsFile)
    for name, limits in found.environments.items():
        unknown = sorted(set(limits.levels) - (known_rules or frozenset(limits.levels)))
        if unknown:
            line = _line_with(path, unknown[0])
            raise ConfigurationError(
                f"{path}:{line}: environments.{name}.levels: there is no rule {unknown[0]!r}; "
                "`modelberth check --explain all` lists the rules"
            )
    return found


def _line_with(path: Path, word: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if re.search(rf"\b{re.escape(word)}\b", line)), 1)
