"""mg.compile: a function that is traced once for given shapes and dtypes, and from then on runs as a plan."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from traceback import walk_tb
from types import ModuleType
from typing import Any, Literal, TypeAlias

from minigrad.compiler.arguments import are_arrays, leaves_of, matcher, rebuilt, signature
from minigrad.compiler.binding import Owned, runner
from minigrad.compiler.cache import module_of, settle
from minigrad.compiler.errors import CompileError
from minigrad.compiler.explaining import explained
from minigrad.compiler.numba_source import numba_source
from minigrad.compiler.numpy_source import WRITING, numpy_source
from minigrad.compiler.plan import Plan, planned, simplified
from minigrad.compiler.program import Program
from minigrad.compiler.scalars import ONE_HOT
from minigrad.compiler.schedule import Group, scheduled
from minigrad.compiler.standalone import own_functions
from minigrad.compiler.surroundings import around
from minigrad.compiler.trace import Trace
from minigrad.compiler.tuning import tuned
from minigrad.compiler.words import name_values
from minigrad.rules.layers.labels import check_labels
from minigrad.state import thread
from minigrad.tensor import Tensor, values

Target: TypeAlias = Literal["auto", "numpy", "numba"]

_KEPT = 16  # steps for as many signatures; the one longest unused makes room


class _Step:
    """A function compiled for one signature."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        options: dict[str, Any],
        owned: Owned,
        target: str,
    ) -> None:
        self.recording = thread.state.recording
        self.matches = matcher(args, options)
        self.plain = are_arrays(args, options)
        surroundings = around(function)
        build = rebuilt(args, options)

        def call(leaves: list[Any]) -> Any:
            given, keywords = build(leaves)
            return function(*given, **keywords)

        leaves = leaves_of(args, options)
        trace = Trace(surroundings)
        tree, program = trace.run(call, leaves)
        self.grads: list[
            tuple[Tensor, bool]
        ] = []  # Tensors whose gradient of before is read, and whether it is None
        if any(x.origin == "grad" for x in simplified(program).inputs):
            trace = Trace(surroundings, honest=True)
            tree, program = trace.run(call, leaves)
            self.grads = [(t, t.grad is None) for t in trace.lifted() if t.requires_grad]
        self.surroundings_fit = surroundings.guards()
        program = simplified(program)
        self.groups = groups = scheduled(program) if target == "numba" else None
        self.plan: Plan = planned(program if groups else tuned(program), groups)
        _name_arguments(program, function, len(leaves) if not options and len(args) == len(leaves) else 0)
        name_values(program)
        title = f"{getattr(function, '__qualname__', 'a function')}, compiled by minigrad."
        source = numpy_source(self.plan, title) if groups is None else numba_source(self.plan, groups, title)
        module = module_of(source) if groups else ModuleType(__name__)  # dataclasses look for it
        if not groups:
            exec(source, vars(module))
        self.source = source.replace("cache=CACHE", "cache=True")
        for own in own_functions(program.calls):
            setattr(module, own.__name__, own)  # it raises minigrad's errors
        self._code = inspect.unwrap(module.step).__code__
        lines = enumerate(source.splitlines(), 1)
        self._writing = min((n for n, line in lines if line.lstrip().startswith(WRITING)), default=math.inf)
        self.run = run = runner(program, module.step, owned, trace.advances, tree, groups is not None)
        if groups and _is_closed(program, groups):
            self.run = self._settling(run, module)

    def _settling(
        self, run: Callable[[Sequence[Any]], Any], module: ModuleType
    ) -> Callable[[Sequence[Any]], Any]:
        def first(leaves: Sequence[Any]) -> Any:
            result = run(leaves)
            settle(module)
            self.run = run
            return result

        return first

    def fits(self) -> bool:
        """Whether what the trace took for granted still holds."""
        if not self.surroundings_fit():
            return False
        return not self.grads or all((tensor.grad is None) is none for tensor, none in self.grads)

    def _check_labels(self, leaves: Sequence[Any]) -> None:
        """Says which label is wrong, where a loop only found that one is."""
        for call in self.plan.program.calls:
            if call.function is ONE_HOT:
                for source in self.plan.program.inputs:
                    if source.value is call.args[0] and source.origin == "argument":
                        check_labels(values(leaves[source.owner]), call.args[1])

    def __call__(self, leaves: Sequence[Any]) -> Any:
        try:
            return self.run(leaves)
        except BaseException as error:
            if isinstance(error, ValueError):
                self._check_labels(leaves)
            if any(f.f_code is self._code and n >= self._writing for f, n in walk_tb(error.__traceback__)):
                error.add_note(
                    "the compiled step was stopped while it changed parameters and state: some are new, others old"
                )
            raise


def _is_closed(program: Program, groups: list[Group]) -> bool:
    """Whether all that compiled functions are handed is checked in every call, or the step's own."""
    written = {x.value for x, _ in program.writes}
    return all(group.kind != "numpy" for group in groups) and all(
        x.origin in ("argument", "state", "setting") or x.value in written for x in program.inputs
    )


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
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Runs the step for these arguments, after compiling it where they are the first of their kind."""
        state = thread.state
        if state.trace is not None:
            return self._function(*args, **options)  # part of the function being traced
        with self._lock:
            step = self._latest
            if (
                step is None
                or step.recording is not state.recording
                or not step.matches(args, options)
                or not step.fits()
            ):
                step = self._fitting(args, options, state.recording)
            return step(args if step.plain else leaves_of(args, options))

    def _fitting(self, args: tuple[Any, ...], options: dict[str, Any], recording: bool) -> _Step:
        """The step for these arguments, compiled where there is none."""
        key = signature(args, options), recording
        for step in self._steps.get(key, ()):
            if step.fits():
                self._latest = step
                return step
        return self._compile(key, args, options)

    def _compile(self, key: Any, args: tuple[Any, ...], options: dict[str, Any]) -> _Step:
        step = self._latest = _Step(self._function, args, options, self._owned, _chosen(self._target))
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
        step = self._compiled()
        return explained(step.plan, step.groups)

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
