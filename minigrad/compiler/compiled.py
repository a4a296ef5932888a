"""mg.compile: a function that is traced once for given shapes and dtypes, and from then on runs as a plan."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from traceback import walk_tb
from typing import Any, Literal, TypeAlias

import numpy as np

from minigrad.compiler.arguments import alike, are_arrays, leaves_of, rebuilt, signature
from minigrad.compiler.binding import Owned, runner
from minigrad.compiler.cache import settle
from minigrad.compiler.errors import CompileError
from minigrad.compiler.guards import Guarded, guarded
from minigrad.compiler.numpy_source import WRITING
from minigrad.compiler.plan import simplified
from minigrad.compiler.program import Program
from minigrad.compiler.scalars import ONE_HOT
from minigrad.compiler.surroundings import around
from minigrad.compiler.targets import for_numba, for_numpy
from minigrad.compiler.trace import Trace
from minigrad.rules.layers.labels import check_labels
from minigrad.state import thread
from minigrad.tensor import Tensor, values

Target: TypeAlias = Literal["auto", "numpy", "numba"]

_KEPT = 16  # steps for as many signatures; the one longest unused makes room


class _Step:
    """A function compiled for one signature. Of trace and plan it keeps what it shows of them, as text."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
        owned: Owned,
        target: str,
        other: Guarded,
    ) -> None:
        leaves = leaves_of(args, options)
        names: dict[str, Any] = {}
        trace, tree, program, conditions = _traced(function, rebuilt(args, options), leaves, names)
        program = simplified(program)
        plain = are_arrays(args, options)
        _name_arguments(program, function, len(leaves) if not options and len(args) == len(leaves) else 0)
        title = f"{getattr(function, '__qualname__', 'a function')}, compiled by minigrad."
        made = for_numba(program, title, plain) if target == "numba" else for_numpy(program, title)
        self.source, self.explanation = made.source, made.explanation
        self._labels = _labels(program)
        self._checked = {x.owner for x in made.checked}
        self._unsettled = made.module if made.closed else None
        step = made.module.step
        self._code = inspect.unwrap(step).__code__
        lines = enumerate(made.source.splitlines(), 1)
        self._writing = min((n for n, line in lines if line.lstrip().startswith(WRITING)), default=math.inf)
        tensors = {i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)}
        self._run = runner(
            made.plan, step, owned, trace.advances, tree, tensors, self._failed, made.unordered
        )
        similar = alike(args, options, names, self._checked)
        conditions = [f"recording is {thread.state.recording}", *similar, *conditions]
        names["leaves_of"] = leaves_of
        given = "args" if plain else "leaves_of(args, options)"
        self.guarded = guarded(
            conditions, names, self._run, given, (TypeError,) if made.checked else (), other
        )

    def fits(self, args: tuple[Any, ...], options: dict[str, Any], recording: bool) -> bool:
        """Whether it is the step for these arguments, and for what stands around the function."""
        fits: bool = self.guarded(args, options, recording, lambda _: True, lambda *_: False)
        return fits

    def first(self, leaves: Sequence[Any]) -> Any:
        """Runs the step for arguments of its signature, which the guard has yet to see."""
        result = self._run(
            [np.ascontiguousarray(x) if i in self._checked else x for i, x in enumerate(leaves)]
        )
        if self._unsettled is not None:
            settle(self._unsettled)
            self._unsettled = None
        return result

    def _failed(self, error: BaseException, leaves: Sequence[Any]) -> None:
        """Says what is known of an error that a step raised."""
        if isinstance(error, ValueError):  # a loop only found that a label is wrong
            for position, classes in self._labels:
                check_labels(values(leaves[position]), classes)
        if any(f.f_code is self._code and n >= self._writing for f, n in walk_tb(error.__traceback__)):
            error.add_note(
                "the compiled step was stopped while it changed parameters and state: some are new, others old"
            )


def _traced(
    function: Callable[..., Any],
    build: Callable[[Sequence[Any]], Any],
    leaves: Sequence[Any],
    names: dict[str, Any],
) -> tuple[Trace, Any, Program, list[str]]:
    """The trace, its result and program, and the conditions under which it holds; what these name is added."""

    def call(leaves: list[Any]) -> Any:
        args, options = build(leaves)
        return function(*args, **options)

    surroundings = around(function)
    trace = Trace(surroundings)
    tree, program = trace.run(call, leaves)
    conditions = surroundings.unchanged(names)
    if any(x.origin == "grad" for x in simplified(program).inputs):
        # Whether there is a gradient of before decides what is computed.
        trace = Trace(surroundings, honest=True)
        tree, program = trace.run(call, leaves)
        for tensor in trace.lifted():
            if tensor._requires_grad:
                name = f"t{len(names)}"
                names[name] = tensor
                conditions.append(f"({name}._grad is None) is {tensor._grad is None}")
    return trace, tree, program, conditions


def _labels(program: Program) -> list[tuple[int, int]]:
    """The positions of the arguments that are labels, each with its number of classes."""
    classes = {call.args[0]: call.args[1] for call in program.calls if call.function is ONE_HOT}
    return [
        (x.owner, classes[x.value]) for x in program.inputs if x.value in classes and x.origin == "argument"
    ]


def _name_arguments(program: Program, function: Callable[..., Any], count: int) -> None:
    """Gives the arguments, where each is one array, the names of the function's parameters."""
    try:
        names = list(inspect.signature(function).parameters)[:count]
    except (TypeError, ValueError):  # a function that does not tell
        return
    for source in program.inputs:
        if source.origin == "argument" and source.owner < len(names):
            source.value.name = names[source.owner]


def _chosen(target: Target) -> str:
    """The target, Numba only where it is installed.

    Raises:
        CompileError: it is asked for and missing.
    """
    missing = importlib.util.find_spec("numba") is None
    if target == "numba" and missing:
        raise CompileError('the target "numba" needs Numba: pip install "minigrad[compile]"')
    return "numpy" if target == "numpy" or missing else "numba"


class Compiled:
    """What `mg.compile` gives: the function, traced anew for every new signature of its arguments."""

    def __init__(self, function: Callable[..., Any], target: Target) -> None:
        functools.update_wrapper(self, function, updated=())
        self._function = function
        self._target = target
        self._owned = Owned()
        self._steps: OrderedDict[Any, list[_Step]] = OrderedDict()
        self._latest: _Step | None = None
        self._run: Guarded = self._other
        turns: SimpleQueue[None] = SimpleQueue()  # holds one item: a lock that costs a third of threading's
        turns.put(None)
        self._turn = turns.get, turns.put

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Runs the step for these arguments, after compiling it where they are the first of their kind."""
        state = thread.state
        if state.trace is not None:
            return self._function(*args, **options)  # part of the function being traced
        begin, end = self._turn  # Python finds an attribute sooner than it calls it as a method
        begin()
        try:
            run = self._run
            return run(args, options, state.recording)
        finally:
            end(None)

    def _other(self, args: tuple[Any, ...], options: dict[str, Any], recording: bool) -> Any:
        """Runs another step than the last time, which is then the one that is tried first."""
        step = self._fitting(args, options, recording)
        result = step.first(leaves_of(args, options))
        self._run = step.guarded
        return result

    def _fitting(self, args: tuple[Any, ...], options: dict[str, Any], recording: bool) -> _Step:
        """The step for these arguments, compiled where there is none."""
        key = signature(args, options), recording
        for step in self._steps.get(key, ()):
            if step.fits(args, options, recording):
                self._latest = step
                return step
        return self._compile(key, args, options)

    def _compile(self, key: Any, args: tuple[Any, ...], options: dict[str, Any]) -> _Step:
        step = self._latest = _Step(
            self._function, args, options, self._owned, _chosen(self._target), self._other
        )
        self._steps[key] = [step, *self._steps.pop(key, [])][:_KEPT]
        while len(self._steps) > _KEPT:
            self._steps.popitem(last=False)
        return step

    @property
    def source(self) -> str:
        """The latest step as a Python module that runs with NumPy alone.

        Raises:
            CompileError: the function has not been called yet.
        """
        return self._compiled().source

    def explain(self) -> str:
        """The latest step's plan: what it calls, what it keeps, and what could not be done in place."""
        return self._compiled().explanation

    def _compiled(self) -> _Step:
        if self._latest is None:
            raise CompileError(
                "nothing is compiled yet: call the function once, with arrays of the shapes it is for"
            )
        return self._latest


def compile(function: Callable[..., Any], *, target: Target = "auto") -> Compiled:
    """A function of arrays and Tensors as a step that is traced once, planned, and run without recording.

    The first call for given shapes and dtypes traces the function: whatever it computes, also in `loss.backward()`
    and `optimizer.step()`, becomes a list of NumPy calls that write to places planned beforehand. Parameters and the
    state of optimizers are read, and written in place; `p.data` and `p.grad` show what the step left. What Python
    does beside that, such as printing or counting, happens only while tracing.

    Args:
        function: of arrays, Tensors and numbers, also nested in lists, tuples and dicts.
        target: "numpy"; "numba", which needs the extra `compile`; "auto" takes Numba where it is installed.

    Returns:
        A function of the same arguments with the same results, whose `source` is the step as Python source and whose
        `explain()` tells its plan. Returned Tensors are values: no gradient goes back from them.

    Raises:
        CompileError: a value decides what the function does, an argument is none that can be traced, and the like.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Tensor([1.0, 2.0], requires_grad=True, name="w")
        >>> sgd = mg.optim.SGD([w], lr=0.1)
        >>> @mg.compile
        ... def step(x):
        ...     loss = (w * x).sum()
        ...     sgd.zero_grad()
        ...     loss.backward()
        ...     sgd.step()
        ...     return loss
        >>> step(np.array([1.0, 1.0]))
        Tensor(3.)
        >>> step(np.array([1.0, 1.0]))
        Tensor(2.8)
        >>> w.data
        array([0.8, 1.8])
    """
    if target not in ("auto", "numpy", "numba"):
        raise CompileError(f"compile knows the targets 'auto', 'numpy' and 'numba', not {target!r}")
    return Compiled(function, target)
