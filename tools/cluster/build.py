"""Finds the programs of a Kubernetes control plane, or builds them from their Go modules into the user's cache.

`python tools/cluster/build.py` prints a line for each step on stderr and, on stdout, the folder with the programs.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
if not __package__:  # run by its path
    sys.path.insert(0, str(HERE.parent))

from engine.build import BuildError, cache_folder, key, once, ticking  # noqa: E402

KUBERNETES = "1.34.2"
ETCD = "3.6.5"
"""Both as go.mod requires them; etcd's version is in its own source, so only messages say it."""

VARIABLE = "MODELBERTH_TEST_KUBECONFIG"
"""Names a kubeconfig: its cluster is used, and nothing is started or built. Never the ambient KUBECONFIG."""

ASSETS = "KUBEBUILDER_ASSETS"
"""Names a folder with the programs, as setup-envtest of the controller runtime does."""

PROGRAMS = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
}
"""Each program with its Go package."""

_VERSION = "k8s.io/component-base/version"
_MAJOR, _MINOR = KUBERNETES.split(".")[:2]
FLAGS = (
    "-mod=readonly",
    "-buildvcs=false",
    "-trimpath",
    "-ldflags",
    f"-s -w -X {_VERSION}.gitVersion=v{KUBERNETES} -X {_VERSION}.gitMajor={_MAJOR} -X {_VERSION}.gitMinor={_MINOR}",
)
NICENESS = 10
"""Tests that run beside the build keep most of the processor."""

LINES_OF_A_FAILURE = 15

Say = Callable[[str], None]


def binaries(say: Say, variables: Mapping[str, str] = os.environ) -> Path:
    """The folder with all of PROGRAMS: the one that KUBEBUILDER_ASSETS names, or one built once on this machine.

    Building takes seven minutes of two cores. Raises BuildError where a program is missing, or cannot be built.
    """
    if named := variables.get(ASSETS):
        return given(Path(named))
    files = {name: (HERE / name).read_bytes() for name in ("go.mod", "go.sum")}
    toolchain = go(["env", "GOVERSION", "GOOS", "GOARCH"])
    folder = cache_folder(variables) / "cluster" / f"programs-{key(files, *FLAGS, *PROGRAMS.values(), toolchain)}"
    return once(folder, say, lambda fresh: _compile_all(fresh, say))


def given(folder: Path) -> Path:
    """`folder`, if it has every program. Raises BuildError with what it lacks and what to do."""
    lacking = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
    if lacking:
        raise BuildError(
            f"{ASSETS}={folder} has no {' and no '.join(lacking)}; wanted are {', '.join(PROGRAMS)}. Add them there "
            f"(envtest brings only the first two), or unset {ASSETS} to have all of them built."
        )
    return folder


def _compile_all(folder: Path, say: Say) -> None:
    say(f"building Kubernetes {KUBERNETES} and etcd {ETCD}, once on this machine (seven minutes on two cores)")
    for name, package in PROGRAMS.items():
        began = time.monotonic()
        _compile(folder / name, package, say)
        megabytes = (folder / name).stat().st_size / 1e6
        say(f"{name}: built, {megabytes:.0f} MB ({time.monotonic() - began:.0f} s)")


def _compile(binary: Path, package: str, say: Say) -> None:
    lines: deque[str] = deque(maxlen=LINES_OF_A_FAILURE)
    seen = 0
    words = ["nice", "-n", str(NICENESS), go_path(), "build", "-v", *FLAGS, "-o", str(binary), package]
    with (
        subprocess.Popen(words, cwd=HERE, env=go_variables(), stderr=subprocess.PIPE, text=True) as compiler,
        ticking(say, lambda: f"{binary.name}: {seen} modules and packages done"),
    ):
        assert compiler.stderr is not None
        try:
            for line in compiler.stderr:
                lines.append(line.rstrip())
                seen += 1
        except BaseException:
            compiler.kill()
            raise
    if compiler.returncode != 0:
        raise BuildError(f"go build of {package} failed:\n    " + "\n    ".join(lines))


def go(arguments: list[str], folder: Path = HERE) -> str:
    """What `go` prints when it is run in `folder`. Raises BuildError where there is none or it fails."""
    done = subprocess.run([go_path(), *arguments], cwd=folder, env=go_variables(), capture_output=True, text=True)
    if done.returncode != 0:
        raise BuildError(f"go {' '.join(arguments[:2])} failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def go_path() -> str:
    """The `go` on PATH. Raises BuildError where there is none."""
    found = shutil.which("go")
    if found is None:
        raise BuildError(
            f"no go on PATH. Install Go 1.24 or later, or name a folder with {', '.join(PROGRAMS)} as {ASSETS}, "
            f"or a cluster's kubeconfig as {VARIABLE}."
        )
    return found


def go_variables() -> dict[str, str]:
    """The environment of `go` here: no C compiler is needed, and a go.work above the checkout is none of ours."""
    return os.environ | {"GOWORK": "off", "CGO_ENABLED": "0"}


def main() -> int:
    """Prints the folder with the programs, or says why there is none (exit code 1)."""
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"cluster: {line}", file=sys.stderr, flush=True)

    if named := os.environ.get(VARIABLE):
        say(f"the cluster of {VARIABLE}={named} is used, so nothing is built")
        return 0
    try:
        folder = binaries(say)
    except BuildError as reason:
        print(reason, file=sys.stderr)
        return 1
    say(f"programs: {folder} ({time.monotonic() - began:.1f} s)")
    print(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
