"""Makes `component_endpoints` importable for the tests beside it."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
