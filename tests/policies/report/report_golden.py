"""What a format must render to the letter. `MODELBERTH_UPDATE_GOLDEN=1` writes it anew, to be read in review."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
UPDATE = "MODELBERTH_UPDATE_GOLDEN"


def assert_golden(name: str, text: str) -> None:
    """Fails with the command that takes over the difference."""
    file = FOLDER / name
    if os.environ.get(UPDATE) == "1":
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, f"if this is right: {UPDATE}=1 pytest {Path(__file__).parent}"
