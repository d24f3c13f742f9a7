"""`modelberth explain`: what a stack would make, who may do what in it, what is open, and what it costs."""

import argparse

from modelberth.cli.check import faults_told, file_of
from modelberth.cli.place import add_place


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser("explain", help="what a stack would make: tree, permissions, open ports, price")
    add_place(parser)
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds for the program (default: 120)")
    parser.set_defaults(run=run, limits=None, usage=None)


def run(arguments: argparse.Namespace) -> None:
    """Run the program and print what it would make."""
    from modelberth_policies.bill import estimate
    from modelberth_policies.explain import explained
    from modelberth_policies.limits import load_limits
    from modelberth_policies.sources.program import plan
    from modelberth_policies.usage import load_usage

    with faults_told():
        limits = load_limits(file_of(arguments, "limits")).of_stack(arguments.stack)
        usage = load_usage(file_of(arguments, "usage"))
        found = plan(arguments.project, arguments.stack, timeout=arguments.timeout)
        print(explained(found, limits, estimate(found, usage)), end="")
