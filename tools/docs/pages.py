"""The generated pages, each a function without arguments that gives its text."""

import argparse
import ast
import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docs.fields import ABSENT, Row, one_line, rows_of
from docs.targets import CONCERNS, HONOURED, file_of, outermost, refused, verdicts
from modelberth import runtimes
from modelberth.cli import main
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.rollout import Gate
from modelberth.core.service import Service, Slo
from modelberth.stack.config import StackConfig
from modelberth.stack.rollouts import ServiceRollout
from modelberth.stack.targets import TARGETS, cloud_of
from modelberth_policies.exemptions import Exemption
from modelberth_policies.limits import Limits
from modelberth_policies.usage import Usage

HEAD = "<!-- Written by `make docs` from the code. Change the code, not this file. -->\n\n"
SERVICE = "services.<name>."
SHARED = (Labels, Slo, Gate)
"""What the arguments of several components hold."""
ANSWERS = "What each target makes of it"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def matrix() -> str:
    """Concerns and the file in which each target answers for them."""
    rows = [[words, *(_cell(on, concern) for on in TARGETS)] for concern, words in CONCERNS.items()]
    text = table(["", *(f"`{on}`" for on in TARGETS)], rows)
    summary = table(["", "fields of a service that it honours", "refused"], map(_summary, TARGETS))
    return (
        f"{text}\nBefore anything is deployed a target refuses what it cannot honour, "
        f"[with the reason and what to write instead](docs/reference/configuration.md#{_anchor(ANSWERS)}).\n\n{summary}"
    )


def _cell(on: str, concern: str) -> str:
    path = file_of(on, concern)
    inside = path.relative_to(Path("components/modelberth") / cloud_of(on)) if path else None
    return f"[{inside}]({path})" if path else ABSENT


def _summary(on: str) -> list[str]:
    found = verdicts(on)
    fields = ", ".join(f"`{path}`" for path in refused(found))
    count = sum(HONOURED in verdict for verdict in found.values())
    return [f"`{on}`", f"{count} of {len(found)}", fields]


def configuration() -> str:
    """Every field of `Pulumi.<env>.yaml` and `rollouts.<env>.yaml`."""
    stack = [row for row in rows_of(StackConfig) if not row.path.startswith(SERVICE)]
    head = ["field", "type", "default", "meaning"]
    return (
        f"{HEAD}# The files of an environment\n\nHow they work together: [environments](../how-to/environments.md). "
        "What each target makes of the fields of a service: " + ", ".join(map(_link, TARGETS)) + ".\n\n"
        f"## Pulumi.&lt;env&gt;.yaml\n\nUnder `config:`, `modelberth:stack:`.\n\n{table(head, map(_cells, stack))}\n"
        f"## A service\n\nUnder `services:`, the service's name.\n\n{table(head, map(_cells, rows_of(Service)))}\n"
        "## rollouts.&lt;env&gt;.yaml\n\nUnder the service's name.\n\n"
        f"{table(head, map(_cells, rows_of(ServiceRollout)))}\n"
        f"## {ANSWERS}\n\nA target honours a field or refuses it by name, before anything is "
        "deployed. Where it depends on what is written, some values stand here with the answer to each. `as left out`: "
        "it changes nothing, because that is what happens anyway.\n\n" + "\n".join(map(_target, TARGETS))
    )


def limits() -> str:
    """Every field of the files that the check reads."""
    head = ["field", "type", "default", "meaning"]
    files = {"limits.yaml": Limits, "exemptions.yaml": Exemption, "usage.yaml": Usage}
    under = {
        "limits.yaml": "Under `environments:`, the environment's name.",
        "exemptions.yaml": "Each item of `exemptions:`.",
        "usage.yaml": "What is assumed about use, for the bill.",
    }
    return (
        f"{HEAD}# The files of the check\n\nThey lie in `policies/`; what they are for: "
        "[check a pull request](../how-to/check-a-pull-request.md).\n\n"
        + "\n".join(
            f"## {name}\n\n{under[name]}\n\n{table(head, map(_cells, rows_of(model)))}" for name, model in files.items()
        )
    )


def _link(on: str) -> str:
    return f"[`{on}`](#{_anchor(on)})"


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", heading.lower().replace(" ", "-"))


def _target(on: str) -> str:
    found = outermost(verdicts(on))
    honoured = ", ".join(f"`{path}`" for path, verdict in found.items() if verdict == HONOURED)
    others = [[f"`{path}`", one_line(verdict)] for path, verdict in found.items() if verdict != HONOURED]
    return f"### {on}\n\nHonoured: {honoured}.\n\n{table(['field', 'answer'], others)}"


def _cells(row: Row) -> list[str]:
    return [f"`{row.path}`", row.type, row.default, row.meaning]


def components() -> str:
    """The components that can be imported, with their arguments and outputs."""
    packages = [package for cloud in sorted({cloud_of(on) for on in TARGETS}) for package in _packages(cloud)]
    public = _headings(packages) | {model: model.__name__ for model in SHARED}
    listed = "\n".join(
        f"- `{package}`: {', '.join(_place(public[item], name) for name, item in _public(package))}"
        for package in packages
    )
    sections = [_section(heading, _home(item, packages), item, public) for item, heading in public.items()]
    return (
        f"{HEAD}# Components\n\nHow to use one: [in your own program](../how-to/use-in-your-own-program.md).\n\n"
        f"{listed}\n\n" + "\n".join(sections)
    )


def _headings(packages: Sequence[str]) -> dict[Any, str]:
    """Each public class and function to its heading: its name, or its place too where another has the same name."""
    homes = {item: (package, name) for package in reversed(packages) for name, item in _public(package)}
    names = Counter(name for _, name in homes.values())
    ordered = (item for package in packages for _, item in _public(package))
    return {
        item: name if names[name] == 1 else f"{name} in {package.removeprefix('modelberth.')}"
        for item, (package, name) in ((item, homes[item]) for item in dict.fromkeys(ordered))
    }


def _packages(cloud: str) -> Iterator[str]:
    """A cloud's package and those in it that have public names, the deepest last."""
    root = importlib.import_module(f"modelberth.{cloud}")
    inner = [found.name for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}.") if found.ispkg]
    yield from (name for name in [root.__name__, *sorted(inner)] if _names(name))


def _names(package: str) -> list[str]:
    return list(getattr(importlib.import_module(package), "__all__", []))


def _public(package: str) -> Iterator[tuple[str, Any]]:
    module = importlib.import_module(package)
    found = ((name, getattr(module, name)) for name in _names(package))
    yield from ((name, item) for name, item in found if inspect.isclass(item) or inspect.isfunction(item))


def _place(heading: str, name: str = "") -> str:
    return f"[`{name or heading}`](#{_anchor(heading)})"


def _home(item: Any, packages: Sequence[str]) -> str:
    """The shortest way to import it."""
    return next((package for package in packages if item in dict(_public(package)).values()), item.__module__)


def _section(heading: str, package: str, item: Any, public: Mapping[Any, str]) -> str:
    about = inspect.cleandoc(item.__doc__ or "")
    name = heading.partition(" ")[0]
    return f"## {heading}\n\n`from {package} import {name}`\n\n{about}\n\n{_table_of(item, public)}"


def _table_of(item: Any, public: Mapping[Any, str]) -> str:
    if not inspect.isclass(item):
        return f"`{item.__name__}{inspect.signature(item)}`\n"
    if issubclass(item, Config):
        known = {model: _place(name) for model, name in public.items() if model is not item}
        return table(["argument", "type", "default", "meaning"], map(_cells, rows_of(item, known=known)))
    return table(["output", "meaning"], _outputs(item))


def _outputs(component: type[Any]) -> Iterator[list[str]]:
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
    for command in main.commands():
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
