"""Time a convolution beside torch's: python -m tests.benchmarks.convolution [--help]

Both compute Y = X ⋆ W + b and the three gradients, in float32 on one thread; that they agree is checked first.
"""

import argparse
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import Step, Timing, interleave, markdown

Arrays = list[NDArray[np.float32]]


@dataclass(frozen=True)
class Sliding:
    """How the filters slide."""

    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1


# The title of a row: the shapes of the images and of the filters, and how they slide.
CASES = {
    "the reference, 3x3": ((32, 16, 28, 28), (16, 16, 3, 3), Sliding(padding=1)),
    "twice the filters": ((32, 16, 28, 28), (32, 16, 3, 3), Sliding(padding=1)),
    "stride 2": ((32, 16, 28, 28), (16, 16, 3, 3), Sliding(stride=2, padding=1)),
    "dilation 2": ((32, 16, 28, 28), (16, 16, 3, 3), Sliding(padding=2, dilation=2)),
    "4 groups": ((32, 16, 28, 28), (16, 16, 3, 3), Sliding(padding=1, groups=4)),
    "16 groups": ((32, 16, 28, 28), (16, 16, 3, 3), Sliding(padding=1, groups=16)),
    "1x1": ((32, 64, 14, 14), (64, 64, 1, 1), Sliding()),
    "digits, 5x5": ((100, 1, 28, 28), (30, 1, 5, 5), Sliding()),
    "patches, 8x8": ((32, 3, 32, 32), (64, 3, 8, 8), Sliding(stride=8)),
}


def main() -> None:
    """Time the cases and print the table."""
    parser = argparse.ArgumentParser(description="Time a convolution, forward and backward.")
    parser.add_argument("--rounds", type=int, default=15, help="each library runs once in each round")
    parser.add_argument("--seconds", type=float, default=0.05, help="for one library in one round")
    arguments = parser.parse_args()
    rows = []
    for title, (images, filters, sliding) in CASES.items():
        steps = contenders(random_arrays(images, filters, sliding), sliding)
        timings = interleave(steps, rounds=arguments.rounds, seconds=arguments.seconds)
        ratio = timings["minigrad"].ratio(timings["torch"])
        rows.append(
            [title, *map(str, (images, filters)), *map(milliseconds, timings.values()), f"{ratio:.2f}"]
        )
    print(f"{facts(('torch',))}\n")
    header = ["convolution", "images", "filters", "minigrad ms", "torch ms", "ratio"]
    print(markdown(header, rows))


def random_arrays(images: tuple[int, ...], filters: tuple[int, ...], sliding: Sliding) -> Arrays:
    """Images, filters, biases, and the gradient with respect to the output."""
    rng = np.random.default_rng(0)
    w_shape = (filters[0], filters[1] // sliding.groups, *filters[2:])
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in (images, w_shape, filters[:1])]
    y = mg.conv2d(*arrays, **asdict(sliding))
    return [*arrays, rng.normal(size=y.shape).astype(np.float32)]


def contenders(arrays: Arrays, sliding: Sliding) -> dict[str, Step]:
    """The same step in both libraries; raises AssertionError if they disagree."""
    import torch

    torch.set_num_threads(1)
    *inputs, upstream = arrays
    ours = [mg.Tensor(array, requires_grad=True) for array in inputs]
    theirs = [torch.tensor(array, requires_grad=True) for array in inputs]
    torch_upstream = torch.tensor(upstream)

    def step() -> None:
        for tensor in ours:
            tensor.grad = None
        mg.conv2d(*ours, **asdict(sliding)).backward(upstream)

    def torch_step() -> None:
        for tensor in theirs:
            tensor.grad = None
        torch.nn.functional.conv2d(*theirs, **asdict(sliding)).backward(torch_upstream)

    step()
    torch_step()
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.grad is not None
        np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-3, atol=1e-2)
    return {"minigrad": step, "torch": torch_step}


def milliseconds(timing: Timing) -> str:
    """The median of the rounds, and the minimum."""
    return f"{timing.median / 1e3:.2f} ({timing.minimum / 1e3:.2f})"


if __name__ == "__main__":
    main()
