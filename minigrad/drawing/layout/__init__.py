"""minigrad's own layered layout: what draws without Graphviz, and beyond what Graphviz can."""

from .layered import layered
from .placed import Box, Placement

__all__ = ["Box", "Placement", "layered"]
