"""The errors of models: each is told in one line, and names the file or the option at fault."""

import minigrad as mg


class InputError(mg.MinigradError, ValueError):
    """A file, a folder or an option that cannot be used; the message names it and says what is wrong."""


class DivergedError(mg.MinigradError, ArithmeticError):
    """The loss or a weight stopped being a finite number in training."""


class MissingExtraError(mg.MinigradError, ImportError):
    """An optional package is needed and not installed.

    Args:
        what: What needs it.
        extra: The extra of minigrad that brings it.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs an optional package: pip install "minigrad[{extra}]"')
