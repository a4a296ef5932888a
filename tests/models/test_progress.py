"""The live bar on a terminal, and plain lines elsewhere."""

import io

from rich.console import Console

from models.progress import Display


def shown(*, terminal: bool) -> str:
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=120, legacy_windows=False)
    with Display(steps=100, done=0, batch_size=10, console=console) as display:
        for step in range(1, 51):
            display.step(step, loss=0.25)
        display.report(50, accuracy=0.9, line="Step 50: 9 / 10")
    return output.getvalue()


def test_a_terminal_shows_a_bar_with_loss_accuracy_speed_and_time():
    told = shown(terminal=True)
    for part in (
        "step 50 of 100",
        "loss 0.2500",
        "accuracy 0.9000",
        "images/s",
        "━",
        "0:00:0",
        "Step 50: 9 / 10\n",
    ):
        assert part in told


def test_elsewhere_there_are_plain_lines_alone():
    assert shown(terminal=False).strip() == "Step 50: 9 / 10"
