"""`modelberth schema`: the JSON schemas with which editors complete a stack's file, and the files of the check."""

import argparse
import json
from pathlib import Path
from typing import Any

from modelberth.stack.config import StackConfig

POLICY_FILES = ("limits", "exemptions", "usage")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser("schema", help="print the JSON schema of Pulumi.<env>.yaml, or of a file of the check")
    which = parser.add_mutually_exclusive_group()
    for name in POLICY_FILES:
        which.add_argument(f"--{name}", dest="of", action="store_const", const=name, help=f"that of {name}.yaml")
    parser.add_argument("--output", type=Path, help="file to write it to (default: standard output)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print or write it."""
    found = schema() if arguments.of is None else schema_of(arguments.of)
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if arguments.output is None:
        print(text, end="")
    else:
        arguments.output.write_text(text)


def schema_of(name: str) -> dict[str, Any]:
    """The schema of a file that the check reads: `limits`, `exemptions` or `usage`."""
    from modelberth_policies.exemptions import ExemptionsFile
    from modelberth_policies.limits import LimitsFile
    from modelberth_policies.usage import Usage

    model = {"limits": LimitsFile, "exemptions": ExemptionsFile, "usage": Usage}[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{name}.yaml",
        **model.model_json_schema(),
    }


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
