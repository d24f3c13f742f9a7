"""Seconds of each step of the local environment on the real engine, beside those of a program without resources."""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path

import yaml
from measure import HERE, heading, in_turn, line, spent

sys.path[:0] = [str(HERE.parent / folder) for folder in ("tests/engine", "tools", "tools/workspace")]

import samples  # noqa: E402

from modelberth.local.registry import tracking_uri  # noqa: E402
from modelberth.models import mlflow_registry, pins  # noqa: E402
from modelberth.stack.files import read_yaml  # noqa: E402
from workspace import Workspace, environment_for_tests  # noqa: E402

ROUNDS = 3
EMPTY = "up of an empty program"


def registered(directory: Path) -> None:
    """Trains and registers the sample models and pins them, as `make up` does before the engine starts."""
    samples.register(directory)
    uris = [f"models:/{samples.NAME}/{sample.version}" for sample in samples.SAMPLES]
    pins.write(directory / "pins.local.yaml", mlflow_registry.client(tracking_uri(directory)), uris)


def workspace(stack: ExitStack, folder: Path, environment: Mapping[str, str], registry: Path) -> Workspace:
    """A checkout with a stack of its own. What it starts ends with the run."""
    folder.mkdir()
    place = Workspace(folder, environment, registry)
    stack.callback(place.end)
    place.init()
    return place


def emptied(place: Workspace) -> Workspace:
    """The same checkout with a program that makes nothing: what the engine itself takes."""
    project = yaml.safe_load((place.folder / "Pulumi.yaml").read_text())
    (place.folder / "empty").mkdir()
    (place.folder / "empty/__main__.py").write_text("import pulumi\n")
    (place.folder / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "main": "empty"}))
    return place


def change_weight(place: Workspace, weights: Iterator[int]) -> None:
    """Gives the candidate another share of the requests and brings it up, preview included."""
    place.roll(weight=next(weights))
    place.up()


def check_served(place: Workspace) -> None:
    """Raises where the share that was written last is not the one that is served."""
    written = read_yaml(place.rollouts)["iris"]["weight"]
    served = place.outputs()["endpoints"]["iris"]["versions"]["1.1.0"]
    if served != written:
        raise RuntimeError(f"the weight was changed to {written}; served is {served}")


def steps(place: Workspace, empty: Workspace) -> dict[str, float]:
    """Step to its seconds; what can be repeated is a median of rounds."""
    first = {"first up": spent(place.up).wall}
    empty.up()
    repeated = {
        "second up, nothing changed": partial(place.up, "--expect-no-changes"),
        "up --refresh, nothing changed": partial(place.up, "--refresh", "--expect-no-changes"),
        "change of a weight": partial(change_weight, place, count(10, 10)),
        EMPTY: empty.up,
    }
    found = in_turn({name: partial(spent, work) for name, work in repeated.items()}, ROUNDS)
    check_served(place)
    medians = {name: statistics.median(each.wall for each in times) for name, times in found.items()}
    destroy = spent(partial(place.pulumi, "destroy", "--stack", "local", "--yes")).wall
    return {**first, **medians, "destroy": destroy}


def main() -> None:
    """Measures and prints."""
    heading("up: the local environment on the real engine, previews included")
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary).resolve()
        models = spent(partial(registered, folder / "registry")).wall
        environment = environment_for_tests()
        place = workspace(stack, folder / "iris", environment, folder / "registry")
        empty = emptied(workspace(stack, folder / "empty", environment, folder / "registry"))
        found = {"sample models, MLflow's import too": models, **steps(place, empty)}
    line(f"medians of {ROUNDS} where repeatable", "seconds", "empty ups")
    for name, seconds in found.items():
        line(name, f"{seconds:.2f}", f"{seconds / found[EMPTY]:.1f}")


if __name__ == "__main__":
    main()
