"""The made-up crowd of `bench/engines.py`, for tests that compare engines."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def bench() -> ModuleType:
    """The script as a module."""
    path = Path(__file__).parents[2] / "bench" / "engines.py"
    if "bench_engines" not in sys.modules:
        spec = importlib.util.spec_from_file_location("bench_engines", path)
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        sys.modules["bench_engines"] = made
        spec.loader.exec_module(made)
    return sys.modules["bench_engines"]
