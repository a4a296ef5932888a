"""The optional dependencies of the tests' side: what to install where one is missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from minigrad.errors import MinigradError


class MissingDependencyError(MinigradError, ImportError):
    """A package that only a part of minigrad needs, and that is not installed."""


def require(module: str, use: str) -> ModuleType:
    """Import an optional dependency.

    Args:
        module: the module to import.
        use: what needs it, for the message.

    Raises:
        MissingDependencyError: saying what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependencyError(f'{use} needs {module}: pip install "minigrad[testing]"') from error
