"""Writes the generated documentation anew: `make docs`. Everything here runs in the project's folder."""

import contextlib
import io
import re
from pathlib import Path

from docs import pages
from docs.rules import rules
from modelberth.cli.main import main as modelberth

MATRIX = re.compile(r"(<!-- matrix: written by `make docs` -->\n).*(<!-- end of matrix -->)", re.DOTALL)


def generated() -> dict[str, str]:
    """Path of each generated file to its content."""
    return {
        "README.md": MATRIX.sub(lambda mark: f"{mark[1]}\n{pages.matrix()}\n{mark[2]}", Path("README.md").read_text()),
        "docs/reference/configuration.md": pages.configuration(),
        "docs/reference/components.md": pages.components(),
        "docs/reference/runtimes.md": pages.runtime_table(),
        "docs/reference/commands.md": pages.commands(),
        "docs/reference/modules.md": pages.modules(),
        "docs/reference/rules.md": rules(),
        "docs/reference/limits.md": pages.limits(),
        "policies/limits.schema.json": schema("--limits"),
        "policies/exemptions.schema.json": schema("--exemptions"),
        "policies/usage.schema.json": schema("--usage"),
        "stacks/config/stack.schema.json": schema(),
    }


def schema(*options: str) -> str:
    """What `modelberth schema` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        modelberth(["schema", *options])
    return printed.getvalue()


def stale() -> dict[str, str]:
    """The generated files that are not what the code says now, and what they should be."""
    return {path: text for path, text in generated().items() if not _is(Path(path), text)}


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def main() -> None:
    """Write what is stale."""
    for path, text in stale().items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)
        print(f"docs: wrote {path}")


if __name__ == "__main__":
    main()
