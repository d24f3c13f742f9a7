"""`modelberth schema`: the JSON schema with which editors complete `Pulumi.<env>.yaml`."""

import argparse
import json
from pathlib import Path
from typing import Any

from modelberth.stack.config import StackConfig


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser("schema", help="print the JSON schema of Pulumi.<env>.yaml")
    parser.add_argument("--output", type=Path, help="file to write it to (default: standard output)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print or write it."""
    text = json.dumps(schema(), indent=1, sort_keys=True) + "\n"
    if arguments.output is None:
        print(text, end="")
    else:
        arguments.output.write_text(text)


def schema() -> dict[str, Any]:
    """The schema of a whole stack file. Pulumi's own keys and other packages' configuration pass."""
    stack = StackConfig.model_json_schema(ref_template="#/$defs/{model}")
    definitions = stack.pop("$defs", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pulumi.<env>.yaml",
        "type": "object",
        "properties": {"config": {"type": "object", "properties": {"modelberth:stack": stack}}},
        "$defs": definitions,
    }
