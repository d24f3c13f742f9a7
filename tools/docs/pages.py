"""The generated pages, each a function without arguments that gives its text."""

import argparse
import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from docs.fields import ABSENT, Row, one_line, rows_of
from docs.targets import CONCERNS, HONOURED, file_of, refused, together, verdicts
from modelberth import runtimes
from modelberth.cli.main import COMMANDS
from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.core.service import Service
from modelberth.stack.config import StackConfig
from modelberth.stack.rollouts import ServiceRollout
from modelberth.stack.targets import TARGETS, cloud_of

HEAD = "<!-- Written by `make docs` from the code. Change the code, not this file. -->\n\n"
SERVICE = "services.<name>."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def matrix() -> str:
    """Concerns and the file in which each target answers for them."""
    rows = [[words, *(_cell(on, concern) for on in TARGETS)] for concern, words in CONCERNS.items()]
    text = table(["", *(f"`{on}`" for on in TARGETS)], rows)
    return text + "\n" + "\n".join(_summary(on) for on in TARGETS)


def _cell(on: str, concern: str) -> str:
    path = file_of(on, concern)
    inside = path.relative_to(Path("components/modelberth") / cloud_of(on)) if path else None
    return f"[{inside}]({path})" if path else ABSENT


def _summary(on: str) -> str:
    found = verdicts(on)
    fields = ", ".join(f"`{path}`" for path in refused(found))
    count = sum(HONOURED in verdict for verdict in found.values())
    return (
        f"Of the {len(found)} fields of a service, `{on}` honours {count}. Before anything is deployed it refuses "
        "anything but the default of these, [each with its reason](docs/reference/configuration.md#a-service): "
        f"{fields}.\n"
    )


def configuration() -> str:
    """Every field of `Pulumi.<env>.yaml` and `rollouts.<env>.yaml`."""
    by_target = {on: verdicts(on) for on in TARGETS}
    stack = [row for row in rows_of(StackConfig) if not row.path.startswith(SERVICE)]
    service = [[*_cells(row), *(_said(found, row) for found in by_target.values())] for row in rows_of(Service)]
    head = ["field", "type", "default", "meaning"]
    return (
        f"{HEAD}# The files of an environment\n\nHow they work together: [environments](../how-to/environments.md). "
        "A target honours a field or refuses it by name; its column says which, and in its own words. `as left out`: "
        "it changes nothing, because that is what happens anyway.\n\n"
        f"## Pulumi.&lt;env&gt;.yaml\n\nUnder `config:`, `modelberth:stack:`.\n\n{table(head, map(_cells, stack))}\n"
        f"## A service\n\nUnder `services:`, the service's name.\n\n{table([*head, *TARGETS], service)}\n"
        "## rollouts.&lt;env&gt;.yaml\n\nUnder the service's name.\n\n"
        f"{table(head, map(_cells, rows_of(ServiceRollout)))}"
    )


def _cells(row: Row) -> list[str]:
    return [f"`{row.path}`", row.type, row.default, row.meaning]


def _said(found: dict[str, str], row: Row) -> str:
    group = row.path.rpartition(".")[0]
    return "" if "[]" in row.path or together(found, group) else one_line(together(found, row.path))


def components() -> str:
    """The components that can be imported, with their arguments and outputs."""
    clouds = sorted({cloud_of(on) for on in TARGETS})
    sections = [section for cloud in clouds for section in _of_cloud(cloud)]
    return f"{HEAD}# Components\n\nHow to use one: [in your own program](../how-to/use-in-your-own-program.md).\n\n" + (
        "\n".join(sections)
    )


def _of_cloud(cloud: str) -> Iterator[str]:
    module = importlib.import_module(f"modelberth.{cloud}")
    for name in module.__all__:
        item = getattr(module, name)
        about = inspect.cleandoc(item.__doc__ or "")
        if issubclass(item, Config):
            rows = table(["argument", "type", "default", "meaning"], map(_cells, rows_of(item)))
        elif issubclass(item, Component):
            rows = table(["output", "meaning"], _outputs(item))
        else:
            continue
        yield f"## {name}\n\n`from modelberth.{cloud} import {name}`\n\n{about}\n\n{rows}"


def _outputs(component: type[Component]) -> Iterator[list[str]]:
    """Annotated attributes of a class and the docstrings under them."""
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(component))).body[0]
    assert isinstance(body, ast.ClassDef)
    for statement, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            yield [f"`{statement.target.id}`", one_line(str(said))]


def runtime_table() -> str:
    """The model servers."""
    rows = [_runtime(runtimes.load(name)) for name in runtimes.names()]
    head = ["name", "server", "protocols", "formats", "accelerators", "ports", "image", "as a plain process"]
    return (
        f"{HEAD}# Runtimes\n\nModel servers are data: one file each in "
        "[`runtimes/`](../../components/modelberth/runtimes/), with the source of every fact. `runtime:` takes a name "
        f"from here, or the path of a file of the same shape.\n\n{table(head, rows)}"
    )


def _runtime(runtime: runtimes.Runtime) -> list[str]:
    ports = ", ".join(f"{name} {port}" for name, port in runtime.ports.items())
    image = f"`{runtime.image.repository}`" if runtime.image else runtime.platform.name if runtime.platform else "yours"
    listed = (", ".join(items) for items in (runtime.protocols, runtime.formats, runtime.accelerators))
    plain = "yes" if runtime.process else ABSENT
    return [f"`{runtime.name}`", runtime.title, *(text or ABSENT for text in listed), ports or ABSENT, image, plain]


def commands() -> str:
    """What `make` and `modelberth` can be told."""
    makefile = re.findall(r"^([a-z-]+):.*## (.*)$", Path("Makefile").read_text(), re.MULTILINE)
    parser = argparse.ArgumentParser()
    chosen = parser.add_subparsers()
    for command in COMMANDS:
        command.add_to(chosen)
    rows = [row for name, inner in chosen.choices.items() for row in _command(name, inner)]
    return (
        f"{HEAD}# Commands\n\n## make\n\n`STACK=<env>` chooses the environment; left out: local.\n\n"
        f"{table(['command', 'does'], ([f'`make {name}`', text] for name, text in makefile))}\n"
        f"## modelberth\n\nIn `.venv/bin`.\n\n{table(['command', 'option', 'meaning'], rows)}"
    )


def _command(name: str, parser: Any) -> Iterator[list[str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from (row for word, inner in action.choices.items() for row in _command(f"{name} {word}", inner))
        elif not isinstance(action, argparse._HelpAction):
            yield [f"`modelberth {name}`", f"`{', '.join(action.option_strings) or action.dest}`", action.help or ""]


def modules() -> str:
    """Every module and the first sentence of its docstring: the map of the code."""
    files = sorted(path for root in ("components", "policies") for path in Path(root).rglob("*.py"))
    rows = [[f"[{path}](../../{path})", one_line(said)] for path in files if (said := _sentence(path))]
    return f"{HEAD}# Where things are\n\n{table(['file', 'what it is'], rows)}"


def _sentence(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n\n")[0]
