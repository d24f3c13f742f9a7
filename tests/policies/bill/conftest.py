"""The plans that these tests price are made by a module beside them."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
