"""The errors of models: each is told in one line, and names the file or the option at fault."""

import minigrad as mg


class InputError(mg.MinigradError, ValueError):
    """A file, a folder or an option that cannot be used; the message names it and says what is wrong."""


class DivergedError(mg.MinigradError, ArithmeticError):
    """The loss or a weight stopped being a finite number in training."""
