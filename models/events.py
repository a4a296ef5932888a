"""The reports of a training as TensorBoard events."""

from pathlib import Path

from models.errors import MissingExtraError
from models.training import Report

SCALARS = ("train_acc", "test_acc", "train_loss")


class Events:
    """Writes scalars that TensorBoard shows, in `folder`.

    Args:
        folder: Where the event files go.
        done: The step from which the run goes on; what was written for later steps counts as undone.

    Raises:
        MissingExtraError: tensorboardX is not installed.
    """

    def __init__(self, folder: Path, done: int) -> None:
        try:
            from tensorboardX import SummaryWriter  # type: ignore[import-untyped]  # has no types
        except ImportError as error:
            raise MissingExtraError("--tensorboard", "tensorboard") from error
        self._writer = SummaryWriter(str(folder), purge_step=done + 1 if done else None)

    def add(self, report: Report) -> None:
        """Writes the scalars of one report to disk."""
        values = report.to_json()
        for name in SCALARS:
            self._writer.add_scalar(name, values[name], report.step)
        self._writer.flush()

    def close(self) -> None:
        """Closes the file."""
        self._writer.close()
