"""Python packages that are installed only when the local node needs them."""

import importlib.util
import subprocess
import sys
from typing import Any

from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import Say
from taskapp.settings import TOP

_LOCKS = TOP / "requirements"


def is_importable(module: str) -> bool:
    """Return whether a module is installed, without importing it."""
    return importlib.util.find_spec(module) is not None


def load(module: str, lock: str, say: Say) -> Any:
    """Import ``module``; if it is missing, first install a hash-locked requirements file into this environment.

    :raise NodeError: pip failed or is missing, the file is missing, or this is not a virtual environment.
    """
    if not is_importable(module):
        _install(module, lock, say)
    return importlib.import_module(module)


def _install(module: str, lock: str, say: Say) -> None:
    path = _LOCKS / lock
    if sys.prefix == sys.base_prefix or not path.exists() or not is_importable("pip"):
        what = f"-r {path}" if path.exists() else f"'taskapp[{path.stem}]'"
        raise NodeError(f"The local node needs the Python package {module}: pip install {what}")
    say(f"Installing the Python package {module}")
    done = subprocess.run([sys.executable, _LOCKS / "install.py", path], check=False)
    importlib.invalidate_caches()
    if done.returncode or not is_importable(module):
        raise NodeError(f"pip cannot install {module}; what it said is above")
