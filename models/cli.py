"""The command line: its commands, and how every error is told in one line."""

import sys

import typer

import minigrad as mg
from models.commands.activations import activations
from models.commands.check import check
from models.commands.data import data
from models.commands.draw import draw
from models.commands.evaluate import evaluate
from models.commands.forward import forward
from models.commands.gates import gates
from models.commands.losses import losses
from models.commands.predict import predict
from models.commands.quadrants import quadrants
from models.commands.train import train

_BAD_INPUT = 2

app = typer.Typer(
    name="python -m models",
    help="Nets built on minigrad: train them, test them, ask them.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _command in (train, evaluate, predict, data, draw, gates, activations, forward, losses, quadrants, check):
    app.command()(_command)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: What stands after `python -m models`; by default this process's.

    Returns:
        The exit status: 0; 1 where a check failed; 2 for bad input, told in one line; 130 after Ctrl-C.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        status = app(arguments or ["--help"], prog_name="python -m models", standalone_mode=False)
    except typer.TyperException as error:
        return _told(error.format_message())
    except mg.MinigradError as error:
        return _told(str(error))
    except OSError as error:
        return _told(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return status if isinstance(status, int) else 0


def _told(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return _BAD_INPUT
