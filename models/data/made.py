"""Data that is made, not measured: points in the plane."""

import numpy as np

from models.data.dataset import Dataset, Split

QUADRANTS = Split(
    np.array([[2, 1], [-1, 1], [-1, -1], [1, -1]], dtype=np.float32), np.array([0, 1, 2, 3], dtype=np.int64)
)
TRUTH_TABLE = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)


def load_quadrants() -> Dataset:
    """One point in each quadrant to train on, labels 0 to 3 for I to IV, and (±2, ±2) to test on."""
    corners = np.array([[2, 2], [-2, 2], [-2, -2], [2, -2]], dtype=np.float32)
    return Dataset("quadrants", QUADRANTS, Split(corners, QUADRANTS.labels), classes=4)


def xor() -> Dataset:
    """The truth table of exclusive or: four points that no single line separates."""
    table = Split(TRUTH_TABLE, np.array([0, 1, 1, 0], dtype=np.int64))
    return Dataset("xor", table, table, classes=2)


def make_spiral(rng: np.random.Generator, *, arms: int = 3, points: int = 100) -> Dataset:
    """Points along the arms of a spiral, one class an arm, which no straight lines separate.

    On arm k the angle grows from 4k to 4k + 4 radians while the radius grows from 0 to 1, with N(0, 0.2²)
    added to the angle: the spiral of Karpathy's notes for CS231n. As many points again are for testing.

    Args:
        rng: What draws.
        arms: How many arms there are.
        points: How many points each has.
    """
    return Dataset("spiral", _arms(rng, arms, points), _arms(rng, arms, points), classes=arms)


def _arms(rng: np.random.Generator, arms: int, points: int) -> Split:
    labels = np.repeat(np.arange(arms), points)
    along = np.tile(np.linspace(0, 1, points), arms)
    angle = 4 * (labels + along) + 0.2 * rng.standard_normal(arms * points)
    x = along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return Split(x.astype(np.float32), labels.astype(np.int64))
