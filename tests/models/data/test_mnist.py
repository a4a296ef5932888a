"""MNIST from a folder, in each layout, and downloaded from a server on this machine."""

import functools
import gzip
import hashlib
import http.server
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from models.data import load_data, mnist
from models.data.idx import write_idx
from models.errors import InputError

RNG = np.random.default_rng(0)


def made(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    return rng.integers(0, 256, (count, 28, 28), dtype=np.uint8), rng.integers(0, 10, count, dtype=np.uint8)


def write_folder(folder: Path, ending: str = ".gz") -> Path:
    folder.mkdir(exist_ok=True)
    for (images, labels), split in ((made(12), ("train")), (made(5), "t10k")):
        write_idx(folder / f"{split}-images-idx3-ubyte{ending}", images)
        write_idx(folder / f"{split}-labels-idx1-ubyte{ending}", labels)
    return folder


def assert_made(data):
    images, labels = made(12)
    np.testing.assert_array_equal(data.train.x, images.reshape(12, 784).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(data.train.labels, labels)
    assert (len(data.test), data.image_shape, data.features) == (5, (28, 28), 784)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_folder_of_idx_files_is_read(tmp_path, ending):
    assert_made(load_data("mnist", RNG, folder=write_folder(tmp_path, ending)))


def test_an_npz_is_read(tmp_path):
    (x, t), (x_test, t_test) = made(12), made(5)
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=t, x_test=x_test, y_test=t_test)
    assert_made(load_data("mnist", RNG, folder=tmp_path))


def test_the_layout_of_mnist_pkl_gz_is_read(tmp_path):
    images, labels = made(12)
    x, t = images.reshape(12, 784).astype(np.float32) / np.float32(255), labels.astype(np.int64)
    test_x, test_t = x[:5], t[:5]
    layout = ((x[:8], t[:8]), (x[8:], t[8:]), (test_x, test_t))
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps(layout, 2)))
    assert_made(load_data("mnist", RNG, folder=tmp_path))


def test_the_folder_comes_from_the_environment(tmp_path, monkeypatch):
    write_folder(tmp_path / "fashion-mnist")
    monkeypatch.setenv("MINIGRAD_DATA", str(tmp_path))
    assert_made(load_data("fashion-mnist", RNG))


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (made(3)[0], made(2)[1], "3 images but 2 labels"),
        (made(3)[0], np.array([0, 10, 3], np.uint8), "label 10 at 1 is not from 0 to 9"),
        (np.zeros((3, 8, 8), np.uint8), made(3)[1], r"images of shape \(3, 8, 8\)"),
        (made(3)[0], made(3)[0], r"labels of shape \(3, 28, 28\)"),
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8), "holds no images"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(tmp_path, images, labels, message):
    write_folder(tmp_path)
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", labels)
    with pytest.raises(InputError, match=rf"train-images-idx3-ubyte.gz: .*{message}"):
        load_data("mnist", RNG, folder=tmp_path)


def test_a_missing_file_is_named(tmp_path):
    write_folder(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(InputError, match=r"t10k-labels-idx1-ubyte.gz: No such file"):
        load_data("mnist", RNG, folder=tmp_path)


@pytest.mark.parametrize("damage", [b"", b"PK not a zip", "wrong keys", "objects"])
def test_a_damaged_npz_is_refused(tmp_path, damage):
    path = tmp_path / "mnist.npz"
    match damage:
        case "wrong keys":
            np.savez(path, x_train=np.zeros(1))
        case "objects":
            np.savez(path, **dict.fromkeys(["x_train", "y_train", "x_test", "y_test"], np.array([{}])))
        case _:
            path.write_bytes(damage)
    with pytest.raises(InputError, match=r"mnist\.npz: not an npz of"):
        load_data("mnist", RNG, folder=tmp_path)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ([], "not the layout"),
        (((1, 2), (1, 2), (1, 2)), "are no arrays"),
        (((np.full((1, 784), 2.0), np.array([1])),) * 3, "grey values from 2.0 to 2.0"),
        (((np.full((1, 784), np.nan), np.array([1])),) * 3, "grey values from nan"),
    ],
)
def test_a_pickle_of_another_layout_is_refused(tmp_path, layout, message):
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps(layout)))
    with pytest.raises(InputError, match=rf"mnist\.pkl\.gz: .*{message}"):
        load_data("mnist", RNG, folder=tmp_path)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of four small files on this machine; gives (its address, its folder, the cache)."""
    folder, cache = write_folder(tmp_path / "served"), tmp_path / "cache"
    sums = {
        file: hashlib.sha256((folder / f"{file}.gz").read_bytes()).hexdigest()
        for file in mnist.SOURCES["mnist"].sha256
    }
    monkeypatch.setitem(mnist.SOURCES, "mnist", mnist.Source("https://nowhere.invalid/", sums))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("MINIGRAD_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as http_server:
        threading.Thread(target=http_server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http_server.server_port}", folder, cache / "minigrad" / "mnist"
        http_server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_what_is_missing_is_downloaded_once(server):
    address, folder, cache = server
    assert_made(load_data("mnist", RNG, base_url=address))
    assert sorted(path.name for path in cache.iterdir()) == sorted(path.name for path in folder.iterdir())
    for path in folder.iterdir():
        path.unlink()
    assert_made(load_data("mnist", RNG, base_url=address))


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_a_bad_download_is_named_and_leaves_nothing(server, damage):
    address, folder, cache = server
    path = folder / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    match damage:
        case "changed":
            path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        case "truncated":
            path.write_bytes(whole[:-10])
        case "missing":
            path.unlink()
    with pytest.raises(
        InputError, match=f"^{address}/train-images-idx3-ubyte.gz: (damaged|cannot be downloaded)"
    ):
        load_data("mnist", RNG, base_url=address)
    assert list(cache.iterdir()) == []


def test_a_damaged_file_in_the_cache_is_downloaded_again(server):
    address, _, cache = server
    load_data("mnist", RNG, base_url=address)
    (cache / "t10k-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    assert_made(load_data("mnist", RNG, base_url=address))


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "file:///etc", "nonsense"])
@pytest.mark.usefixtures("server")
def test_an_address_that_does_not_answer_is_named(address):
    with pytest.raises(InputError, match=f"^{address}/train-images-idx3-ubyte.gz: "):
        load_data("mnist", RNG, base_url=address)
