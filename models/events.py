"""The reports of a training as TensorBoard events."""

from pathlib import Path

from models.errors import MissingExtraError
from models.training import Report

SCALARS = ("train_acc", "test_acc", "train_loss")


class Events:
    """Writes scalars that TensorBoard shows.

    Raises:
        MissingExtraError: tensorboardX is not installed.
    """

    def __init__(self) -> None:
        try:
            from tensorboardX import SummaryWriter  # type: ignore[import-untyped]  # has no types
        except ImportError as error:
            raise MissingExtraError("--tensorboard", "tensorboard") from error
        self._new_writer = SummaryWriter

    def open(self, folder: Path, done: int) -> None:
        """Begins a file of events in `folder`; what older files there hold on steps after `done` is void."""
        # tensorboardX names a file by the second: without the suffix, a run resumed at once would overwrite it.
        suffix = f".{done:010}"  # of one width, since files are read in the order of their names
        purge_step = done + 1 if done else None
        self._writer = self._new_writer(str(folder), purge_step=purge_step, filename_suffix=suffix)

    def add(self, report: Report) -> None:
        """Writes the scalars of one report to disk."""
        values = report.to_json()
        for name in SCALARS:
            self._writer.add_scalar(name, values[name], report.step)
        self._writer.flush()

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()
