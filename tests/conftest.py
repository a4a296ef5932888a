"""What every test shares: Hypothesis' settings, and torch where it is installed."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

# Deterministic: the same examples on every machine, in every run. "thorough" looks wider, for a night.
settings.register_profile(
    "minigrad",
    derandomize=True,
    deadline=None,
    max_examples=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("minigrad"), derandomize=False, max_examples=2000)
settings.load_profile("minigrad")


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """The peer that rules are compared with; a test that asks for it is marked `peers`."""
    return pytest.importorskip("torch", reason='needs torch: pip install "minigrad[peers]"')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "torch" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.peers)
