"""Runs a module, a script or a folder as `python` would, and ends with the process that asked for it.

`python watched.py PARENT_PID -m MODULE ARGS…` or `python watched.py PARENT_PID PATH ARGS…`. A killed engine cannot tell
anyone, so each process looks for its parent itself.
"""

import gc
import os
import runpy
import sys
import threading
import time

SECONDS_BETWEEN_LOOKS = 0.25
PARENT_GONE = 70
"""Exit code after the parent has gone (EX_SOFTWARE: nobody is left to read it)."""
ALLOCATIONS = 100_000
"""New objects between two looks for garbage. Importing an SDK at the default of 700 takes a sixth longer."""


def end_with(parent: int) -> None:
    """Ends this process, at once and without clean-up, as soon as `parent` is no longer its parent."""
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(PARENT_GONE)


def run(command: list[str]) -> None:
    """Runs `-m MODULE ARGS…` or `PATH ARGS…` as the main program, with the sys.path that `python` would give it."""
    if command[0] == "-m":
        sys.argv = command[1:]
        sys.path[0] = str(os.getcwd())  # noqa: PTH109
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        return
    sys.argv = command
    script = os.path.abspath(command[0])  # noqa: PTH100
    sys.path[0:1] = [] if os.path.isdir(script) else [os.path.dirname(script)]  # noqa: PTH112, PTH120
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    gc.set_threshold(ALLOCATIONS, 20, 100)
    threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    run(sys.argv[2:])
