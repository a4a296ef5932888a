"""The nets, the data sets, the training loop and the command line, built on minigrad."""

from models.nets import MLP

__all__ = ["MLP"]
