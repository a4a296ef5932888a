"""The command line: `python -m minigrad check file.py[:Name]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from minigrad.testing.command import add_arguments, check_files


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: as on the command line; those of this process if None.

    Example:
        >>> main(["check", "no_such_file.py"])
        2
    """
    parser = argparse.ArgumentParser(prog="minigrad", description="Automatic differentiation for NumPy.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check the gradients of the Functions and layers in a file")
    add_arguments(check)
    given = parser.parse_args(arguments)
    return check_files(given.where, given.order, given.seed, given.quiet)


if __name__ == "__main__":
    sys.exit(main())
