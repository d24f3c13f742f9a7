"""Which environment of which project a command is about."""

import argparse
from pathlib import Path


def add_place(parser: argparse.ArgumentParser) -> None:
    """The two options that say it."""
    parser.add_argument("--stack", default="local", help="the environment (default: local)")
    parser.add_argument("--project", type=Path, default=Path.cwd(), help="folder of Pulumi.yaml (default: this one)")
