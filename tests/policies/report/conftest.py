"""The report that these tests render is made by a module beside them."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
