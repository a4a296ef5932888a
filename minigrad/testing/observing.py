"""Who listens to the checks that run, and which mutation is in force: the pytest plugin's way in, for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from minigrad.testing.mutation import Mutation
from minigrad.testing.operation import Operation
from minigrad.testing.report import Report

_listener: ContextVar[Callable[[Report], None] | None] = ContextVar("listener", default=None)
_mutation: ContextVar[Mutation | None] = ContextVar("mutation", default=None)


@contextmanager
def listening(listener: Callable[[Report], None]) -> Iterator[None]:
    """Hand every report of the block to a function."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def mutating(mutation: Mutation) -> Iterator[None]:
    """Change the gradients of every rule that is checked in the block."""
    token = _mutation.set(mutation)
    try:
        yield
    finally:
        _mutation.reset(token)


def under_test(op: Operation) -> Operation:
    """The operation to check: itself, or its mutant."""
    mutation = _mutation.get()
    return op if mutation is None else mutation.of(op)


def finished(report: Report) -> Report:
    """Tell the listener of a report, and return it."""
    listener = _listener.get()
    if listener is not None:
        listener(report)
    return report
