"""The data sets, by name."""

from pathlib import Path

import numpy as np

from models.data.dataset import Dataset, Split
from models.data.digits import load_digits
from models.data.made import load_quadrants, make_spiral, xor
from models.data.mnist import SOURCES, load_mnist
from models.data.text import load_text
from models.errors import InputError

DATASETS = ("digits", *SOURCES, "text", "spiral", "quadrants", "xor")
_WITHOUT_FILES = {"digits", "spiral", "quadrants", "xor"}

__all__ = ["DATASETS", "Dataset", "Split", "load_data"]


def load_data(
    name: str, rng: np.random.Generator, *, folder: Path | None = None, base_url: str | None = None
) -> Dataset:
    """A data set by its name.

    Args:
        name: One of `DATASETS`.
        rng: What draws the data that is made.
        folder: Where the files are, for data that is read from files.
        base_url: Where to download them from instead of the known address.

    Raises:
        InputError: There is no such data set, its files are missing or damaged, or it is read from no files
            and a folder or an address is given.
    """
    if name in _WITHOUT_FILES and (folder or base_url):
        raise InputError(f"data set {name!r} is read from no files: leave out --data-dir and --base-url")
    match name:
        case "digits":
            return load_digits()
        case "mnist" | "fashion-mnist":
            return load_mnist(name, folder, base_url)
        case "text" if folder:
            return load_text(folder)
        case "text":
            raise InputError("data set 'text' is read from a folder: name it with --data-dir")
        case "spiral":
            return make_spiral(rng)
        case "quadrants":
            return load_quadrants()
        case "xor":
            return xor()
    raise InputError(f"there is no data set {name!r}; there are {', '.join(DATASETS)}")
