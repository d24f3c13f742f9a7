"""The generation guard: a resource that keeps in the stack's state which traffic was last begun.

Its check runs in previews too. Everything of the service waits for it, so a refusal comes before any change.
"""

from typing import Any, Literal

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from modelberth.core.traffic import Traffic

Edits = Literal["numbered", "free"]
"""Whether a change must raise the generation. `free` is for one person on one machine, where no checkout is stale."""

RECORD_TYPE = "pulumi-python:dynamic/modelberth:RolloutRecord"
CONTENT = ("stable", "candidate", "weight", "mirror")


def refusal(recorded: dict[str, Any], wanted: dict[str, Any]) -> str | None:
    """Why the file may not be carried out, or None. Pure."""
    if not recorded:
        return None
    service, before, now = wanted["service"], int(recorded["generation"]), int(wanted["generation"])
    if now < before:
        return (
            f"rollouts file: {service} has generation {now}, but the stack has begun {before}: "
            "the file is behind the stack: run `modelberth rollout sync`"
        )
    changed = [name for name in CONTENT if recorded.get(name) != wanted.get(name)]
    # Without a rollouts file (generation 0) there is no number that could be raised.
    if now == before > 0 and changed and wanted["edits"] == "numbered":
        return (
            f"rollouts file: {service} changed in {', '.join(changed)}, but its generation is still {now}: "
            f"write generation: {now + 1}, or run `modelberth rollout sync` if the change is not yours"
        )
    return None


class _Provider(ResourceProvider):
    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        why = refusal(_olds, news)
        return CheckResult(news, [CheckFailure("generation", why)] if why else [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(_olds.get(name) != _news.get(name) for name in ("generation", "edits", *CONTENT)))

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["service"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_news)


class RolloutRecord(Resource, module="modelberth", name="RolloutRecord"):
    """The traffic of one service as it was last begun; generation 0 where no rollouts file names the service."""

    def __init__(
        self,
        name: str,
        service: str,
        generation: int,
        traffic: Traffic,
        edits: Edits,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        candidate = None if traffic.candidate is None else traffic.candidate.version
        split = {"stable": traffic.stable.version, "weight": traffic.weight, "mirror": traffic.mirror}
        props = {"service": service, "edits": edits, "generation": generation, "candidate": candidate, **split}
        super().__init__(_Provider(), name, props, opts)
