"""Digits as text."""

import numpy as np
import pytest

from models.data import load_data
from models.data.text import read_digit, write_digit
from models.errors import InputError

RNG = np.random.default_rng(0)


def grey(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (28, 28), dtype=np.uint8)


def test_a_digit_comes_back_as_written(tmp_path):
    write_digit(tmp_path / "a.txt", grey(1), 7)
    image, digit = read_digit(tmp_path / "a.txt")
    np.testing.assert_array_equal(image, grey(1))
    assert digit == 7


def edited(line: int, text: str | None) -> str:
    lines = ["\t".join(["0"] * 28)] * 28 + ["3"]
    lines[line - 1 : line] = [] if text is None else [text]
    return "\n".join(lines) + "\n"


ROW = ["0"] * 28
WRONG = {
    "line 5: 27 values instead of 28": edited(5, "\t".join(ROW[:27])),
    "line 5: 29 values instead of 28": edited(5, "\t".join([*ROW, "0"])),
    "line 5: 1 values instead of 28": edited(5, " ".join(ROW)),
    "line 6, value 3: 'x' is not a whole number from 0 to 255": edited(
        6, "\t".join([*ROW[:2], "x", *ROW[3:]])
    ),
    "line 6, value 3: '256' is not": edited(6, "\t".join([*ROW[:2], "256", *ROW[3:]])),
    "line 6, value 3: '-1' is not": edited(6, "\t".join([*ROW[:2], "-1", *ROW[3:]])),
    "line 6, value 3: '1.5' is not": edited(6, "\t".join([*ROW[:2], "1.5", *ROW[3:]])),
    "line 6, value 28: '' is not": edited(6, "\t".join([*ROW[:27], ""])),
    "line 29: missing; it should be the digit": edited(29, None),
    "line 28: 1 values instead of 28": edited(3, None),
    "line 29: '10' is not a digit": edited(29, "10"),
    "line 29: '' is not a digit": edited(29, ""),
    "line 30: one line too many": edited(29, "3\n4"),
    "line 1: missing": "",
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named_with_the_file_and_the_line(tmp_path, message):
    path = tmp_path / "digit.txt"
    path.write_text(WRONG[message])
    with pytest.raises(InputError) as error:
        read_digit(path)
    assert str(error.value).startswith(f"{path}, {message}")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"a\.txt: not text"):
        read_digit(tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"b\.txt: No such file"):
        read_digit(tmp_path / "b.txt")


def test_a_folder_is_a_data_set_of_which_every_sixth_is_for_testing(tmp_path):
    for i in range(13):
        write_digit(tmp_path / f"{i:02}.txt", grey(i), i % 10)
    data = load_data("text", RNG, folder=tmp_path)
    assert data.test.labels.tolist() == [5, 1]
    assert len(data.train) == 11
    np.testing.assert_array_equal(data.train.x[0], grey(0).ravel() / np.float32(255))


def test_two_files_are_enough_and_one_is_not(tmp_path):
    write_digit(tmp_path / "0.txt", grey(0), 0)
    with pytest.raises(InputError, match="holds 1 files"):
        load_data("text", RNG, folder=tmp_path)
    write_digit(tmp_path / "1.txt", grey(1), 1)
    data = load_data("text", RNG, folder=tmp_path)
    assert (data.train.labels.tolist(), data.test.labels.tolist()) == ([0], [1])


def test_without_a_folder_it_says_what_is_needed():
    with pytest.raises(InputError, match="--data-dir"):
        load_data("text", RNG)
