"""The benchmark of what recording costs: that every call it times runs, and computes the same thing in torch."""

import numpy as np
import pytest

dispatch = pytest.importorskip(
    "tests.benchmarks.dispatch", reason='needs torch: pip install "minigrad[peers]"'
)


@pytest.mark.peers
@pytest.mark.parametrize("name", dispatch.CALLS)
def test_minigrad_and_torch_compute_the_same(name: str) -> None:
    steps = dispatch.steps(name)
    for step in steps.values():
        step()
    np.testing.assert_allclose(steps["minigrad"]().numpy(), steps["torch"]().detach().numpy())
    assert len(dispatch.row(name, 1, 1e-5)) == 8
