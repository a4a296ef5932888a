"""The manual's reference names everything that is public."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import minigrad as mg

REFERENCE = "".join(page.read_text() for page in Path(__file__).parent.parent.glob("docs/reference/*.md"))
NAMED = set(re.findall(r":: (?:minigrad\.)?(\w+)$", REFERENCE, re.MULTILINE))
WHOLE_MODULES = set(re.findall(r"automodule:: (\S+)", REFERENCE))
NUMPYS = {*dir(np), *dir(np.linalg), *dir(np.fft)}  # documented by NumPy


@pytest.mark.parametrize("name", sorted({*mg.__all__} - NUMPYS))
def test_the_reference_documents(name: str):
    public = getattr(mg, name)
    module = public.__name__ if isinstance(public, ModuleType) else getattr(public, "__module__", None)
    assert name in NAMED or module in WHOLE_MODULES
