"""`modelberth check | explain | pin | prices | rollout | schema`: what a person or a pipeline does beside `pulumi`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from modelberth import __version__
from modelberth.cli.errors import CommandError

NAMES = ("check", "explain", "pin", "prices", "rollout", "schema")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Ends with 0, or 2 and one message where the files or the arguments are wrong."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="modelberth", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"modelberth {__version__}")
    chosen = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands(words):
        command.add_to(chosen)
    parsed = parser.parse_args(words)
    try:
        parsed.run(parsed)
    except Exception as error:
        if not _is_for_the_user(error):
            raise
        print(f"modelberth: {error}", file=sys.stderr)
        sys.exit(2)


def commands(words: Sequence[str] = ()) -> list[ModuleType]:
    """The command that the words begin with; every command, where they begin with none."""
    # Only the one: what the others import takes as long as a whole check.
    wanted = words[:1] if words and words[0] in NAMES else NAMES
    return [import_module(f"modelberth.cli.{name}") for name in wanted]


def _is_for_the_user(error: Exception) -> bool:
    if isinstance(error, CommandError):
        return True
    from modelberth.core.errors import ModelberthError

    return isinstance(error, ModelberthError)


if __name__ == "__main__":
    main()
