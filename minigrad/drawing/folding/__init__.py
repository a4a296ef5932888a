"""Making a large picture small: equal modules once, deep modules closed, chains and runs as one box."""

from minigrad.drawing.folding.policy import finish, fold

__all__ = ["finish", "fold"]
