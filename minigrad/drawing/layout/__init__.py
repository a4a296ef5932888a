"""minigrad's own layered layout: what draws without Graphviz, and beyond what Graphviz can."""

from minigrad.drawing.layout.layered import layered
from minigrad.drawing.layout.placed import Box, Placement

__all__ = ["Box", "Placement", "layered"]
