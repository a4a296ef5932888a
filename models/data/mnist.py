"""MNIST and Fashion-MNIST: from a folder, or downloaded once into the user's cache."""

import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.data.dataset import Dataset, Split, labelled
from models.data.download import download
from models.data.idx import read_idx
from models.data.pickles import read_pickle
from models.errors import InputError

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
IMAGE_SHAPE = (28, 28)


@dataclass(frozen=True)
class Source:
    """Where a data set is published: a base address, and the SHA-256 of each gzipped file there."""

    base_url: str
    sha256: dict[str, str]


SOURCES = {
    "mnist": Source(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        {
            TRAIN_IMAGES: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            TRAIN_LABELS: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            TEST_IMAGES: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            TEST_LABELS: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ),
    "fashion-mnist": Source(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        {
            TRAIN_IMAGES: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            TRAIN_LABELS: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            TEST_IMAGES: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            TEST_LABELS: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ),
}


def load_mnist(name: str = "mnist", folder: Path | None = None, base_url: str | None = None) -> Dataset:
    """MNIST or Fashion-MNIST: 60,000 pictures to train on, 10,000 to test on, 28 x 28 pixels from 0 to 1.

    Args:
        name: "mnist" or "fashion-mnist".
        folder: Where the files are. If not given: the folder `name` in `$MINIGRAD_DATA`, and if that is not
            set, the user's cache, into which they are downloaded if they are not there yet.
        base_url: Where to download from, instead of the address that is known.

    Raises:
        InputError: The files are missing or damaged, or could not be downloaded.
    """
    return read_folder(name, folder or _default_folder(name, base_url))


def _default_folder(name: str, base_url: str | None) -> Path:
    if data := os.environ.get("MINIGRAD_DATA"):
        return Path(data) / name
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minigrad" / name
    source = SOURCES[name]
    for file, sha256 in source.sha256.items():
        download(f"{(base_url or source.base_url).rstrip('/')}/{file}.gz", cache / f"{file}.gz", sha256)
    return cache


def read_folder(name: str, folder: Path) -> Dataset:
    """The data set in a folder, in whichever layout it is there.

    Args:
        name: What to call it; also the name of the file in the last two layouts.
        folder: Holds the four IDX files, gzipped or not, or `<name>.npz`
            (x_train, y_train, x_test, y_test), or
            `<name>.pkl.gz` ((train, validation, test), each (images, labels); the validation images count
            as training images).

    Raises:
        InputError: The folder holds none of the layouts, or a damaged file.
    """
    npz, pickled = folder / f"{name}.npz", folder / f"{name}.pkl.gz"
    if npz.exists():
        train, test = _read_npz(npz)
    elif pickled.exists():
        train, test = _read_pickled(pickled)
    else:
        train = _read_pair(folder, TRAIN_IMAGES, TRAIN_LABELS)
        test = _read_pair(folder, TEST_IMAGES, TEST_LABELS)
    return Dataset(name, train, test, classes=10, image_shape=IMAGE_SHAPE)


def _read_pair(folder: Path, images_file: str, labels_file: str) -> Split:
    images_path, labels_path = _gzipped_or_not(folder / images_file), _gzipped_or_not(folder / labels_file)
    return _checked(read_idx(images_path), read_idx(labels_path), 255, images_path)


def _gzipped_or_not(path: Path) -> Path:
    gzipped = path.with_name(f"{path.name}.gz")
    return path if path.exists() and not gzipped.exists() else gzipped


def _read_npz(path: Path) -> tuple[Split, Split]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            x_train, y_train, x_test, y_test = (
                arrays[key] for key in ("x_train", "y_train", "x_test", "y_test")
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: not an npz of x_train, y_train, x_test, y_test: {error}") from error
    return _checked(x_train, y_train, 255, path), _checked(x_test, y_test, 255, path)


def _read_pickled(path: Path) -> tuple[Split, Split]:
    match read_pickle(path):
        case ((x_train, y_train), (x_validation, y_validation), (x_test, y_test)):
            train = _checked(x_train, y_train, 1, path)
            validation = _checked(x_validation, y_validation, 1, path)
            test = _checked(x_test, y_test, 1, path)
        case _:
            raise InputError(f"{path}: not the layout (train, validation, test), each (images, labels)")
    x, labels = np.concatenate([train.x, validation.x]), np.concatenate([train.labels, validation.labels])
    return Split(x, labels), test


def _checked(images: object, labels: object, white: float, source: Path) -> Split:
    """Images and labels that have the shapes and the kinds of value that MNIST's have."""
    if not (isinstance(images, np.ndarray) and isinstance(labels, np.ndarray)):
        raise InputError(f"{source}: images or labels are no arrays")
    rows, columns = IMAGE_SHAPE
    if images.shape[1:] not in ((rows, columns), (rows * columns,)) or images.dtype.kind not in "uif":
        raise InputError(
            f"{source}: images of shape {images.shape} {images.dtype}, not (N, {rows}, {columns})"
        )
    if labels.ndim != 1 or labels.dtype.kind not in "ui":
        raise InputError(f"{source}: labels of shape {labels.shape} {labels.dtype}, not (N,) of integers")
    return labelled(images, labels, white=white, source=source)
