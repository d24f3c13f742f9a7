"""The SDK's own pack: as many rules, on the same types, as `rules.json` beside it names; each reads one input."""

import json
from pathlib import Path

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def policy(name: str, types: list[str]) -> ResourceValidationPolicy:
    """A rule on resources of these types that no resource of the benchmark breaks."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in types and "never" in args.props:
            report("has an input that no resource has")

    return ResourceValidationPolicy(name=name, description=name, validate=validate)


RULES = json.loads((Path(__file__).parent / "rules.json").read_text())
PolicyPack(
    name="sdk", enforcement_level=EnforcementLevel.ADVISORY, policies=[policy(name, types) for name, types in RULES]
)
