"""How long pictures take, beside other libraries': python -m tests.benchmarks.drawing [--help]

The first table is SVG by minigrad's own layout: seconds by the clock, seconds of the processor, and the largest
memory of a process that does nothing else. The second is DOT for one net in every library: residual blocks, 1,003
operations here. torchviz shows every operation with the names and shapes of the parameters, and no numbers; so
"all shown, no numbers" is the row to compare it with for what it shows, and "minigrad" for what one gets unasked.
"""

import argparse
import importlib
import resource
import subprocess
import sys
from time import perf_counter, process_time

import numpy as np

import minigrad as mg
from minigrad import nn
from tests.benchmarks.machine import facts
from tests.benchmarks.timing import Step, interleave, markdown

PEERS = ("torch", "torchviz", "torchview", "mygrad")
BLOCKS, WIDTH = 200, 16
LABELS = np.array([0, 1, 2, 3, 0])
SIZES = {"1,000": (1_000, 150), "1,000, all shown": (1_000, None), "10,000": (10_000, 150),
         "10,000, all shown": (10_000, None), "100,000": (100_000, 150),
         "100,000, all shown": (100_000, None)}  # fmt: skip


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Time the drawing of graphs.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--one", choices=list(SIZES), help="draw one size in this process and print its row")
    arguments = parser.parse_args()
    if arguments.one:
        print(*svg_row(arguments.one), sep="|")
        return
    print(facts(PEERS) + "\n")
    header = ["operations", "draw s", "SVG s", "together s", "CPU s", "largest MB"]
    # Before torch makes this process large.
    print(markdown(header, [apart(size) for size in arguments.sizes]) + "\n")
    timings = interleave(contenders(), rounds=arguments.rounds, seconds=0.2)
    peer = timings.get("torchviz")
    rows = [
        [name, f"{timing.minimum / 1e3:.1f}", f"{timing.median / 1e3:.1f}"]
        + ([f"{timing.ratio(peer):.2f}"] if peer else [])
        for name, timing in timings.items()
    ]
    columns = ["least ms", "median ms"] + (["of torchviz"] if peer else [])
    print(markdown(["DOT of 1,003 operations", *columns], rows))


def contenders() -> dict[str, Step]:
    """For each library there is, a function that makes the DOT of the net."""
    loss = mg.softmax_with_loss(Residual()(np.ones((5, 8), np.float32)), LABELS)
    steps: dict[str, Step] = {
        "minigrad": lambda: mg.draw(loss).dot,
        "minigrad, no numbers": lambda: mg.draw(loss, values=False, grads=False).dot,
        "minigrad, all shown": lambda: mg.draw(loss, max_nodes=None).dot,
        "minigrad, all shown, no numbers": lambda: (
            mg.draw(loss, max_nodes=None, values=False, grads=False).dot
        ),
    }
    for name, make in (("torchviz", torchviz), ("torchview", torchview), ("mygrad, 200 operations", mygrad)):
        try:
            steps[name] = make()
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return steps


class Block(nn.Module):
    """x + B relu(A x) / 2."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.a, self.b = nn.Affine(WIDTH, WIDTH, rng=rng), nn.Affine(WIDTH, WIDTH, rng=rng)

    def forward(self, x: mg.Tensor) -> mg.Tensor:
        """Rows of WIDTH."""
        return x + 0.5 * self.b(mg.relu(self.a(x)))


class Residual(nn.Module):
    """Residual blocks between two affine maps."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.stem, self.head = nn.Affine(8, WIDTH, rng=rng), nn.Affine(WIDTH, 4, rng=rng)
        self.blocks = [Block(rng) for _ in range(BLOCKS)]

    def forward(self, x: np.ndarray) -> mg.Tensor:
        """Rows of 8 to rows of 4."""
        y = self.stem(x)
        for block in self.blocks:
            y = block(y)
        return self.head(y)


def _torch_net() -> object:
    torch = importlib.import_module("torch")

    class TorchBlock(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = torch.nn.Linear(WIDTH, WIDTH), torch.nn.Linear(WIDTH, WIDTH)

        def forward(self, x: object) -> object:
            return x + 0.5 * self.b(torch.relu(self.a(x)))

    blocks = [TorchBlock() for _ in range(BLOCKS)]
    return torch.nn.Sequential(torch.nn.Linear(8, WIDTH), *blocks, torch.nn.Linear(WIDTH, 4))


def torchviz() -> Step:
    """The same net, of torch."""
    library, torch, net = importlib.import_module("torchviz"), importlib.import_module("torch"), _torch_net()
    loss = torch.nn.functional.cross_entropy(net(torch.ones(5, 8)), torch.tensor(LABELS))
    return lambda: library.make_dot(loss, params=dict(net.named_parameters())).source


def torchview() -> Step:
    """The same net, of torch; the time holds a forward pass."""
    library, net = importlib.import_module("torchview"), _torch_net()
    return lambda: library.draw_graph(net, input_size=(5, 8)).visual_graph.source


def mygrad() -> Step:
    """A chain of 200 operations: MyGrad recurses, and takes for ever over a residual net."""
    library = importlib.import_module("mygrad")
    computational_graph = importlib.import_module("mygrad.computational_graph")
    y = library.tensor(np.ones((5, WIDTH), np.float32))
    for _ in range(100):
        y = library.tanh(y) * 1.5
    return lambda: computational_graph.build_graph(y, render=True).source


def chain(operations: int) -> mg.Tensor:
    """Operations without modules, every fourth line a skip."""
    x = mg.Tensor(np.ones((4, 8), np.float32), requires_grad=True, name="x")
    bias = mg.Tensor(np.full(8, 0.1, np.float32), requires_grad=True, name="bias")
    y = before = x
    for i in range(operations // 4):
        h = np.tanh(y * np.float32(1.1))
        y = h + bias
        y = y + before if i % 2 else y - before
        before = h
    return y.sum()


def svg_row(size: str) -> list[str]:
    """The row of one size, drawn in this process."""
    operations, most = SIZES[size]
    out = chain(operations)
    start, begun = perf_counter(), process_time()
    drawing = mg.draw(out, max_nodes=most, engine="minigrad")
    middle = perf_counter()
    drawing.svg()
    end, spent = perf_counter(), process_time() - begun
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    seconds = (middle - start, end - middle, end - start, spent)
    return [size, *(f"{number:.2f}" for number in seconds), f"{largest:.0f}"]


def apart(size: str) -> list[str]:
    """The same, drawn in a process of its own, whose memory is that of this drawing alone."""
    command = [sys.executable, "-m", "tests.benchmarks.drawing", "--one", size]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().split("|")


if __name__ == "__main__":
    main()
