"""The picture of a graph: DOT, SVG, PNG, PDF and one-file HTML."""

from minigrad.drawing.drawing import Drawing, DrawingWarning
from minigrad.drawing.errors import DrawingError, LayoutEngineError, LayoutEngineNotFound
from minigrad.drawing.make import draw
from minigrad.drawing.notebook import view

__all__ = [
    "Drawing",
    "DrawingError",
    "DrawingWarning",
    "LayoutEngineError",
    "LayoutEngineNotFound",
    "draw",
    "view",
]
