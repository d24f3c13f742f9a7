"""The git repository that a project lies in: where in it, and how the project stood at a ref."""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from modelberth_policies.configuration import ConfigurationError

_OURS = "modelberth_policies"


def place_of(file: Path) -> str:
    """The file from the root of its repository, with `/`; its bare name where it lies in none. Needs no git."""
    file = file.resolve()
    root = next((folder for folder in file.parents if (folder / ".git").exists()), file.parent)
    return file.relative_to(root).as_posix()


def imports_then(python: Path, project: Path, then: Path) -> str:
    """A `PYTHONPATH` with which a program, checked out at a ref to `then`, imports its repository's own packages as
    they stood at that ref, though they are installed from the working tree (`pip install -e`).

    This package itself is left as it is: it is what asks.
    """
    place = place_of(project / "Pulumi.yaml")
    root, root_then = (_above(folder, place.count("/")) for folder in (project.resolve(), then))
    given = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    installed = [
        line
        for file in sorted((python.parent.parent / "lib").glob("python*/site-packages/*.pth"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if not line.startswith(("import ", "#"))
    ]
    own = [Path(entry).resolve() for entry in [*given, *installed] if Path(entry).is_absolute()]
    moved = [
        str(root_then / folder.relative_to(root))
        for folder in own
        if folder.is_relative_to(root) and not (folder / _OURS).is_dir()
    ]
    return os.pathsep.join(dict.fromkeys([*moved, *given]))


def _above(folder: Path, levels: int) -> Path:
    return folder.parents[levels - 1] if levels else folder


@contextmanager
def checkout(project: Path, ref: str) -> Iterator[Path]:
    """The project's folder as it stood at a git ref, in a folder that is removed afterwards; the repository stays as it
    is. The project may not have existed then. Raises `ConfigurationError` where there is no repository or no such ref.
    """
    root = Path(_git(project, ref, "rev-parse", "--show-toplevel").decode().strip())
    named = f"{ref}^{{commit}}"
    commit = _git(project, ref, "rev-parse", "--verify", "--quiet", "--end-of-options", named).decode().split()[-1]
    archive = _git(root, ref, "archive", "--format=tar", commit)
    with TemporaryDirectory(prefix="modelberth-baseline-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        yield Path(folder).resolve() / project.resolve().relative_to(root.resolve())


def _git(folder: Path, ref: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise ConfigurationError(f"--baseline {ref}: is no file, and git is not on PATH") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or "there is no such ref; fetch it first"
        raise ConfigurationError(f"--baseline {ref}: is no file, and git says: {said}")
    return done.stdout
