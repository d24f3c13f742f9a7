"""`modelberth check | explain | pin | prices | rollout | schema`: what a person or a pipeline does beside `pulumi`."""

import argparse
import sys
from collections.abc import Sequence

from modelberth import __version__
from modelberth.cli import check, explain, pin, prices, rollout, schema
from modelberth.core.errors import ModelberthError

COMMANDS = (check, explain, pin, prices, rollout, schema)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Ends with 0, or 2 and one message where the files or the arguments are wrong."""
    parser = argparse.ArgumentParser(prog="modelberth", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"modelberth {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except ModelberthError as error:
        print(f"modelberth: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
