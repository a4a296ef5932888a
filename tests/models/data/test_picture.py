"""Pictures of any size and kind, made to look like those that a net knows."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.data.picture import fit_picture, read_picture
from models.data.text import write_digit
from models.errors import InputError


def drawn(rows: int, columns: int, *, ink: float = 1.0, paper: float = 0.0) -> np.ndarray:
    """A bar of ink, three times as high as it is wide, away from the middle."""
    grey = np.full((rows, columns), paper, np.float32)
    grey[rows // 8 : rows // 8 + rows // 2, columns // 8 : columns // 8 + rows // 6] = ink
    return grey


def centre_of_mass(grey: np.ndarray) -> np.ndarray:
    return np.array([(grey * index).sum() for index in np.indices(grey.shape)]) / grey.sum()


@given(st.integers(24, 90), st.integers(30, 90), st.booleans())
def test_ink_ends_in_the_middle_in_a_box_of_20(rows, columns, dark_on_light):
    grey = (
        drawn(rows, columns, ink=0.1, paper=0.9)
        if dark_on_light
        else drawn(rows, columns, ink=0.9, paper=0.1)
    )
    fitted, done = fit_picture(grey, (28, 28))
    assert fitted.shape == (28, 28)
    assert fitted.min() == 0
    assert fitted.max() <= 1
    np.testing.assert_allclose(centre_of_mass(fitted), 13.5, atol=0.51)
    assert np.ptp(np.flatnonzero((fitted > 0.25).any(axis=1))) + 1 == 20
    assert ("inverted to light ink on black" in done) == dark_on_light
    assert done[-1].endswith("in the middle of 28 x 28")


def test_a_picture_of_the_right_size_is_taken_as_it_is():
    grey = drawn(28, 28)
    fitted, done = fit_picture(grey, (28, 28))
    np.testing.assert_array_equal(fitted, grey)
    assert done == ["taken as it is"]


def test_inverting_is_decided_by_whoever_says_so():
    light = drawn(28, 28, ink=0, paper=1)
    assert fit_picture(light, (28, 28))[1] == ["inverted to light ink on black"]
    np.testing.assert_array_equal(fit_picture(light, (28, 28), invert=False)[0], light)
    np.testing.assert_array_equal(fit_picture(1 - light, (28, 28), invert=True)[0], light)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_blank_picture_is_refused(value):
    with pytest.raises(InputError, match="blank"):
        fit_picture(np.full((9, 9), value, np.float32), (28, 28))


def test_a_single_dot_is_fitted_too():
    grey = np.zeros((50, 50), np.float32)
    grey[3, 4] = 1
    assert fit_picture(grey, (8, 8))[0].sum() == 64


def test_modes_are_read_alike(tmp_path):
    grey = (drawn(30, 40) * 255).astype(np.uint8)
    image = Image.fromarray(grey)
    transparent = Image.merge("LA", (Image.new("L", image.size), image))
    images = {
        "grey.png": image,
        "colour.png": image.convert("RGB"),
        "palette.gif": image.convert("P"),
        "deep.png": Image.fromarray(grey.astype(np.uint16) * 257),
    }
    for name, kind in images.items():
        kind.save(tmp_path / name)
        np.testing.assert_allclose(read_picture(tmp_path / name), grey / 255, atol=0.01)
    transparent.save(tmp_path / "transparent.png")
    np.testing.assert_allclose(read_picture(tmp_path / "transparent.png"), 1 - grey / 255, atol=0.01)


def test_a_digit_as_text_is_read_as_a_picture(tmp_path):
    grey = (drawn(28, 28) * 255).astype(np.uint8)
    write_digit(tmp_path / "a.txt", grey, 1)
    np.testing.assert_allclose(read_picture(tmp_path / "a.txt"), grey / 255, atol=1e-6)


def test_what_is_no_picture_is_named(tmp_path):
    whole = tmp_path / "whole.png"
    Image.fromarray((drawn(80, 80) * 255).astype(np.uint8)).save(whole)
    data = whole.read_bytes()
    damaged = {"text.png": b"text", "cut.png": data[: len(data) // 2], "empty.png": b""}
    for name, content in damaged.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError, match=name):
            read_picture(path)
    with pytest.raises(InputError, match="No such file"):
        read_picture(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="Is a directory"):
        read_picture(Path(tmp_path))
