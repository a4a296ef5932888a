"""Python's cycle collector, paused while a picture is built."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Runs the block without garbage collections.

    A large picture is hundreds of thousands of tuples, none in a cycle, which the collector would walk over
    and over: up to half of the whole time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
