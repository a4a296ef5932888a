"""What can go wrong with a drawing."""

from minigrad.errors import MinigradError


class DrawingError(MinigradError, ValueError):
    """An argument of `draw`, or of one of a drawing's methods, that has no meaning."""


class LayoutEngineNotFound(MinigradError, RuntimeError):  # noqa: N818  the name is fixed
    """No Graphviz to do what only Graphviz can; the message says where it was looked for and what to do."""


class LayoutEngineError(MinigradError, RuntimeError):
    """A layout engine that was found and failed: it crashed, hung, or printed what is no layout."""
