"""Builds the Pulumi CLI from its Go modules and lays the project's language host beside it, in the user's cache.

Standard library only: engine.py runs it before any virtual environment exists.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOST = HERE / "language_host"
VERSION = "3.259.0"
"""Of both modules that go.mod requires."""

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
EXECUTOR = "python/cmd/pulumi-language-python-exec"
"""Pulumi's own script that runs a Python program, within the sdk module."""

FLAGS = (
    "-mod=readonly",
    "-buildvcs=false",
    "-trimpath",
    "-ldflags",
    f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}",
)
LINES_OF_A_FAILURE = 15
SECONDS_BETWEEN_LINES = 5

Say = Callable[[str], None]


class BuildError(Exception):
    """The CLI cannot be built on this machine; the message is the reason."""


def engine_folder(say: Say) -> Path:
    """The cached folder with the CLI and its language host, built first where it is missing: three minutes, two cores.

    Raises BuildError where there is no Go or the build fails.
    """
    toolchain = _go(["env", "GOVERSION", "GOOS", "GOARCH"])
    cli_key = key(_contents(HERE, [HERE / "go.mod", HERE / "go.sum"]), *FLAGS, toolchain)
    folder_key = key(_contents(HOST, host_files(HOST)), cli_key)
    cache = cache_folder(os.environ) / "engine"
    cli = cache / f"cli-{cli_key}"
    once(cli, say, lambda folder: _compile(folder / "pulumi", say))
    return once(cache / folder_key, say, lambda folder: lay_out(folder, cli / "pulumi", _executor()))


def key(files: Mapping[str, bytes], *words: str) -> str:
    """20 hexadecimal digits that change with a file's content or name and with each word, not with the files' order."""
    digest = hashlib.sha256()
    for part in (*words, *(item for name in sorted(files) for item in (name, files[name]))):
        raw = part if isinstance(part, bytes) else part.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()[:20]


def cache_folder(variables: Mapping[str, str]) -> Path:
    """Where the project keeps what is costly to make: MODELBERTH_CACHE, or `modelberth` in the user's cache folder."""
    if named := variables.get("MODELBERTH_CACHE"):
        return Path(named).absolute()
    return Path(variables.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "modelberth"


def host_files(host: Path) -> list[Path]:
    """The language host's launchers and modules."""
    return sorted(path for path in host.iterdir() if path.is_file() and path.suffix in ("", ".py", ".sh"))


def once(folder: Path, say: Say, make: Callable[[Path], None]) -> Path:
    """`folder`, made by `make` in a folder beside it where it is missing. Two processes at once make it once.

    It appears whole or not at all, so what is there is never checked again.
    """
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_suffix(".lock"), say):
        if folder.exists():
            return folder
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as scratch:
            fresh = Path(scratch) / folder.name
            fresh.mkdir()
            make(fresh)
            fresh.rename(folder)
    return folder


def lay_out(folder: Path, pulumi: Path, executor: Path) -> None:
    """Fills `folder`: CLI, launchers and Pulumi's executor at its top, the language host's modules below."""
    try:
        os.link(pulumi, folder / "pulumi")
    except OSError:  # a file system without hard links
        shutil.copy2(pulumi, folder / "pulumi")
    shutil.copyfile(executor, folder / executor.name)
    (folder / HOST.name).mkdir()
    for path in host_files(HOST):
        shutil.copyfile(path, copy := _place(path, folder))
        copy.chmod(0o644 if path.suffix else 0o755)  # an archive of the checkout may have lost the mode


def outdated(folder: Path) -> bool:
    """Whether `folder` was laid out from another state of the language host than this checkout's."""
    if not (folder / HOST.name).is_dir():
        return False
    copies = [(path, _place(path, folder)) for path in host_files(HOST)]
    return any(not copy.exists() or copy.read_bytes() != path.read_bytes() for path, copy in copies)


def _place(path: Path, folder: Path) -> Path:
    return folder / HOST.name / path.name if path.suffix else folder / path.name


@contextmanager
def ticking(say: Say, what: Callable[[], str]) -> Iterator[None]:
    """Says every few seconds that something is still going on, and for how long it has been."""
    done = threading.Event()
    began = time.monotonic()

    def tick() -> None:
        while not done.wait(SECONDS_BETWEEN_LINES):
            say(f"  … {what()}, {time.monotonic() - began:.0f} s")

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[None]:
    with path.open("w") as lock:
        with ticking(say, lambda: f"waiting for another process that holds {path}"):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _contents(root: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def _compile(binary: Path, say: Say) -> None:
    say(f"building Pulumi {VERSION} from its Go modules, once on this machine (three minutes on two cores)")
    lines: deque[str] = deque(maxlen=LINES_OF_A_FAILURE)
    seen = 0
    words = [_go_path(), "build", "-v", *FLAGS, "-o", str(binary), PACKAGE]
    with (
        subprocess.Popen(words, cwd=HERE, env=_go_variables(), stderr=subprocess.PIPE, text=True) as compiler,
        ticking(say, lambda: f"{seen} modules and packages done"),
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
        raise BuildError("go build failed:\n    " + "\n    ".join(lines))


def _executor() -> Path:
    return Path(_go(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]).strip()) / EXECUTOR


def _go(arguments: list[str]) -> str:
    done = subprocess.run([_go_path(), *arguments], cwd=HERE, env=_go_variables(), capture_output=True, text=True)
    if done.returncode != 0:
        raise BuildError(f"go {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def _go_path() -> str:
    found = shutil.which("go")
    if found is None:
        raise BuildError("no go on PATH")
    return found


def _go_variables() -> dict[str, str]:
    return os.environ | {"GOWORK": "off"}  # a go.work above the checkout is none of ours
