"""The digits that come with the package: 1,797 pictures of 8 x 8 pixels. README.md says whose they are."""

from pathlib import Path

import numpy as np

from models.data.dataset import Dataset, labelled

_FILE = Path(__file__).parent / "digits.npz"
_INK = 16  # the grey value of full ink
_TRAIN = 1500  # the last 297 are by writers of whom the first 1,500 hold few or none


def load_digits() -> Dataset:
    """1,500 digits to train on and 297 to test on, 8 x 8 pixels from 0 (paper) to 1 (ink).

    Example:
        >>> digits = load_digits()
        >>> digits.train.x.shape, digits.test.x.shape, digits.image_shape
        ((1500, 64), (297, 64), (8, 8))
    """
    with np.load(_FILE, allow_pickle=False) as arrays:
        digits = labelled(arrays["images"], arrays["labels"], white=_INK, source=_FILE)
    return Dataset("digits", digits[:_TRAIN], digits[_TRAIN:], classes=10, image_shape=(8, 8))
