"""Which checks are published, and where."""

from pathlib import Path

import yaml

PUBLISHED: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "published.yaml").read_text())
"""Where it is published to the ids of the checks there."""

SOURCES = {
    "kube-linter": "https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md#{}",
    "kube-linter, later": "https://github.com/stackrox/kube-linter/blob/main/pkg/builtinchecks/yamls/{}.yaml",
    "polaris": "https://github.com/FairwindsOps/polaris/blob/master/pkg/config/checks/{}.yaml",
}


def published() -> list[str]:
    """The ids of all checks, with their tools: `kube-linter:latest-tag`."""
    return [f"{place.partition(',')[0]}:{name}" for place, names in PUBLISHED.items() for name in names]


def source_of(identity: str) -> str:
    """Where a check is published."""
    tool, _, name = identity.partition(":")
    place = next(place for place, names in PUBLISHED.items() if place.startswith(tool) and name in names)
    return SOURCES[place].format(name)
