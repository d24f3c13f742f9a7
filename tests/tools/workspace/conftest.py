"""The tools of the workspace are programs, found from their own folder as when `make` starts them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "tools/workspace"))
