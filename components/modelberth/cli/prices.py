"""`modelberth prices`: which list prices the bill knows, and how old they are."""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date

from modelberth.core.errors import ModelberthError
from modelberth_policies.clock import today
from modelberth_policies.prices import Coverage, age_days, coverage, gathered

COLUMNS = ("cloud", "service", "region", "listed", "derived", "stale", "oldest", "newest")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser("prices", help="list the age and the coverage of the price catalogue")
    parser.add_argument("--cloud", help="aws, azure or gcp (default: all)")
    parser.add_argument("--service", help="one service of the catalogue, such as sagemaker-hosting (default: all)")
    parser.add_argument("--region", help="one region; prices that hold in all regions show too (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print them."""
    rows = chosen(coverage(), arguments.cloud, arguments.service, arguments.region)
    print(as_json(rows) if arguments.format == "json" else as_text(rows, today()))


def chosen(rows: Iterable[Coverage], cloud: str | None, service: str | None, region: str | None) -> list[Coverage]:
    """The rows that are asked for. Raises `ModelberthError` for a name of which the catalogue holds nothing."""
    found = list(rows)
    for name, wanted in (("cloud", cloud), ("service", service), ("region", region)):
        allowed = {wanted, "*"} if name == "region" else {wanted}
        kept = [row for row in found if wanted is None or getattr(row, name) in allowed]
        if wanted is not None and not any(getattr(row, name) == wanted for row in kept):
            known = ", ".join(sorted({getattr(row, name) for row in found}))
            raise ModelberthError(f"--{name}: the catalogue has no prices of {wanted!r}; it has {known}")
        found = kept
    return found


def as_json(rows: Sequence[Coverage]) -> str:
    """For programs."""
    clouds = sorted({row.cloud for row in rows})
    days = {cloud: gathered(cloud).isoformat() for cloud in clouds}
    return json.dumps({"gathered": days, "coverage": [asdict(row) for row in rows]}, indent=1)


def as_text(rows: Sequence[Coverage], today: date) -> str:
    """For people: how old each cloud's prices are, then a table."""
    ages = [
        f"{cloud}: gathered {gathered(cloud)}, {age_days(cloud, today)} days ago"
        for cloud in sorted({row.cloud for row in rows})
    ]
    cells = [COLUMNS, *(tuple(str(getattr(row, column)) for column in COLUMNS) for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(COLUMNS))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([*ages, "", *table, "", "listed: from a price list; derived: computed from one; region *: all"])
