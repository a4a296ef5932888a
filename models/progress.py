"""What is seen of a training: a live bar where there is a terminal, plain lines where there is none."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_REFRESH = 0.2  # seconds between two looks at the bar: drawing it costs a millisecond or two


class _Speed(ProgressColumn):
    """Images a second."""

    def render(self, task: Task) -> Text:
        speed = (task.speed or 0) * task.fields["batch_size"]
        return Text(f"{speed:,.0f} images/s")


class Display:
    """A bar with the loss, the accuracy, images a second and the time left, for `with`.

    Args:
        steps: How many steps there are in all.
        done: How many have been taken.
        batch_size: How many images a step sees.
        console: Where to write; no bar is drawn unless it is a terminal.
    """

    def __init__(self, steps: int, done: int, batch_size: int, console: Console) -> None:
        self._progress = Progress(
            TextColumn("step {task.completed} of {task.total}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TextColumn("accuracy {task.fields[accuracy]}"),
            _Speed(),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(
            "train", total=steps, completed=done, loss="-", accuracy="-", batch_size=batch_size
        )
        self._next = 0.0

    def step(self, step: int, loss: float) -> None:
        """To be called after every step; draws only when it is time to."""
        now = time.perf_counter()
        if now >= self._next:
            self._progress.update(self._task, completed=step, loss=f"{loss:.4f}", refresh=True)
            self._next = now + _REFRESH

    def report(self, step: int, accuracy: float, line: str) -> None:
        """Writes a line that stays, above the bar."""
        self._progress.update(self._task, completed=step, accuracy=f"{accuracy:.4f}")
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.refresh()
        self._progress.stop()
