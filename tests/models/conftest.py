"""What the tests of models share: where the big files are, and what a test skips without."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve()


def shared(path: str) -> Path:
    """A file or folder of the `shared/data` beside the checkout (or beside a folder above it)."""
    for parent in HERE.parents:
        if (parent / "shared" / "data" / path).exists():
            return parent / "shared" / "data" / path
    pytest.skip(f"shared/data/{path} is not beside the checkout")


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """The folder with MNIST's four files, 60,000 + 10,000 images."""
    return shared("mnist")


@pytest.fixture(scope="session")
def book_weights() -> Path:
    """The book's trained weights, a pickle of float32 arrays W1 b1 W2 b2 W3 b3."""
    return shared("book/sample_weight.pkl")
