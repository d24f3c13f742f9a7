"""Turns price lists in the shared format into the catalogue that `modelberth_policies` ships:

    python tools/prices/import_prices.py --gathered 2026-11-20 --spot aws_spot_savings.csv \
        prices.csv tools/prices/additional_prices.csv
    git diff policies/modelberth_policies/prices/data

A list has the columns cloud, service, sku, region, unit, usd, source, as_of. Of two rows for one thing the younger one
wins, then the one in the later file. `names.csv` gives one thing one name, `factors.csv` says which prices follow from
others. Every run writes all rows anew, in one order, so that a diff shows what became dearer.
"""

import argparse
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "policies" / "modelberth_policies" / "prices" / "data"
COLUMNS = ("cloud", "service", "sku", "region", "unit", "usd", "source", "as_of")
LISTED = ("service", "sku", "region", "unit", "usd", "source", "as_of")
DERIVED = ("service", "sku", "region", "base_service", "base_sku", "factor", "source", "as_of", "note")
EVERYWHERE = "*"
STALE = re.compile(r"treat as stale", re.IGNORECASE)

Row = dict[str, str]


def main() -> None:
    """Read the lists, write the catalogue, say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("lists", nargs="+", type=Path, help="price lists in the shared format")
    parser.add_argument(
        "--gathered", required=True, type=date.fromisoformat, help="the day on which they were gathered"
    )
    parser.add_argument("--spot", type=Path, help="savings of AWS spot instances")
    parser.add_argument("--into", type=Path, default=DATA, help="folder of the catalogue")
    chosen = parser.parse_args()
    listed = list(newest(row for path in chosen.lists for row in listed_in(path, chosen.gathered)))
    derived = [*derivations(listed), *(spot_rows(chosen.spot, listed) if chosen.spot else ())]
    write(chosen.into, listed, derived, chosen.gathered)
    print(f"{len(listed)} listed and {len(derived)} derived prices in {chosen.into}")


def read(path: Path, columns: Iterable[str] = ()) -> list[Row]:
    """The rows of a CSV file. Ends the program with one message where a column is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = sorted(set(columns) - set(reader.fieldnames or ()))
        if missing:
            raise SystemExit(
                f"{path}: lacks the columns {', '.join(missing)}; the shared format has {', '.join(columns)}"
            )
        return list(reader)


def listed_in(path: Path, gathered: date) -> Iterator[Row]:
    """The rows of one list, under the catalogue's names: one region each, a date each."""
    names = {(row["cloud"], row["service"], row["sku"]): row["called"] for row in read(HERE / "names.csv")}
    for number, row in enumerate(read(path, COLUMNS), 2):
        if not row["source"] or not row["unit"] or not _positive(row["usd"]):
            raise SystemExit(f"{path}:{number}: {row['sku']!r} needs a source, a unit and a price above 0")
        sku = names.get((row["cloud"], row["service"], row["sku"]), row["sku"])
        for region in regions_of(row["region"]):
            yield {**row, "sku": sku, "region": region, "as_of": day_of(row["as_of"], gathered)}


def _positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


def regions_of(text: str) -> list[str]:
    """`a/b (tier 1)` is two regions; `global` is every region."""
    plain = text.partition(" (")[0]
    return [EVERYWHERE if each == "global" else each for each in plain.split("/")]


def day_of(text: str, gathered: date) -> str:
    """`2026-07-20`, `2026-07` or `2026`; of an undated page, the day on which it was read."""
    found = re.match(r"20\d\d(-\d\d){0,2}", text)
    return found.group() if found else gathered.isoformat()


def newest(rows: Iterable[Row]) -> Iterator[Row]:
    """One row for each thing and region."""
    kept: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row["cloud"], row["service"], row["sku"], row["region"])
        if key not in kept or row["as_of"] >= kept[key]["as_of"]:
            kept[key] = row
    return iter(kept.values())


def derivations(listed: list[Row]) -> Iterator[Row]:
    """What follows from listed prices by a factor, where nothing is listed."""
    taken = {(row["cloud"], row["service"], row["sku"], row["region"]) for row in listed}
    for factor in read(HERE / "factors.csv"):
        pattern = re.compile(factor["base_sku"])
        for base in listed:
            of_it = base["cloud"] == factor["cloud"] and base["service"] == factor["base_service"]
            if not of_it or not pattern.fullmatch(base["sku"]):
                continue
            sku = factor["sku"].format(base["sku"])
            if (factor["cloud"], factor["service"], sku, base["region"]) not in taken:
                made = {"sku": sku, "region": base["region"], "base_sku": base["sku"], "as_of": "", "note": ""}
                yield {**factor, **made, "source": factor["evidence"]}


def spot_rows(path: Path, listed: list[Row]) -> Iterator[Row]:
    """Spot prices, as the on-demand price less the saving; how often instances are taken away stands beside them."""
    on_demand = {(row["sku"], row["region"]) for row in listed if row["cloud"] == "aws" and row["service"] == "ec2"}
    for row in read(path):
        if (row["instance_type"], row["region"]) not in on_demand or row["os"] != "Linux":
            continue
        yield {
            "cloud": "aws",
            "service": "ec2-spot",
            "sku": row["instance_type"],
            "region": row["region"],
            "base_service": "ec2",
            "base_sku": row["instance_type"],
            "factor": f"{1 - float(row['savings_over_on_demand_pct']) / 100:g}",
            "source": row["source"],
            "as_of": row["as_of"],
            "note": f"interrupted {row['interruption_frequency']} of the time",
        }


def write(folder: Path, listed: list[Row], derived: list[Row], gathered: date) -> None:
    """All files of the catalogue."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted({row["source"] for row in (*listed, *derived)})
    files: list[Row] = []
    for kind, rows, columns in (("", listed, LISTED), ("_derived", derived, DERIVED)):
        for cloud in sorted({row["cloud"] for row in rows}):
            of_cloud = [{**row, "source": identifier(row["source"])} for row in rows if row["cloud"] == cloud]
            of_cloud.sort(key=lambda row: (row["service"], row["region"], _natural(row["sku"])))
            path = folder / f"{cloud}{kind}.csv"
            _write(path, columns, of_cloud)
            sha = hashlib.sha256(path.read_bytes()).hexdigest()
            files.append(
                {"file": path.name, "gathered": gathered.isoformat(), "rows": str(len(of_cloud)), "sha256": sha}
            )
    _write(folder / "manifest.csv", ("file", "gathered", "rows", "sha256"), files)
    texts = [{"id": identifier(text), "stale": "yes" if STALE.search(text) else "", "text": text} for text in sources]
    _write(folder / "sources.csv", ("id", "stale", "text"), texts)


def identifier(source: str) -> str:
    """A short id for a source, which depends on nothing but its text, so that no update renames another's."""
    return hashlib.sha256(source.encode()).hexdigest()[:6]


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", text)]


def _write(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, tuple(columns), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
