"""What the compiler cannot do."""

from minigrad.errors import MinigradError


class CompileError(MinigradError, RuntimeError):
    """A function that cannot be compiled, or not as it is written; the message names the line and what to do."""
