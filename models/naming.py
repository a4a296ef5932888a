"""What the command line chooses by name is looked up here, so that every unknown name is told alike."""

from collections.abc import Mapping
from typing import TypeVar

from models.errors import InputError

Named = TypeVar("Named")


def look_up(kind: str, table: Mapping[str, Named], name: str) -> Named:
    """The entry of a table by its name.

    Raises:
        InputError: There is none; the message lists those there are.
    """
    if name not in table:
        raise InputError(f"there is no {kind} {name!r}; there are {', '.join(table)}")
    return table[name]
