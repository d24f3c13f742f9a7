"""Keeps a control plane with every CRD until Ctrl-C, for work by hand: `python tools/cluster/serve.py FOLDER`.

Whatever names the same folder meanwhile, as `control_plane.running` does, shares it.
"""

import signal
import sys
import time
from pathlib import Path

if not __package__:  # run by its path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cluster import crds
from cluster.control_plane import running
from cluster.servers import ServerError
from engine.build import BuildError


def serve(folder: Path) -> None:
    """Starts it, prints its kubeconfig and stays. Raises BuildError or ServerError."""
    with running(folder, say) as cluster:
        began = time.monotonic()
        names = crds.install(cluster.api(), *crds.ADDONS, say=say)
        say(f"{len(names)} CRDs established ({time.monotonic() - began:.1f} s)")
        say(f"KUBECONFIG={cluster.kubeconfig}")
        signal.pause()


def say(line: str) -> None:
    """Prints a line of progress."""
    print(f"cluster: {line}", flush=True)


def main() -> int:
    """Returns 0 after Ctrl-C or SIGTERM, 1 where there is no control plane."""
    if len(sys.argv) != 2:
        say("usage: python tools/cluster/serve.py FOLDER, for its data, logs and kubeconfig")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(Path(sys.argv[1]).absolute())
    except KeyboardInterrupt:
        return 0
    except (BuildError, ServerError) as reason:
        say(str(reason))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
