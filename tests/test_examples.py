"""Every example that a reader can see runs: the README's, the manual's, and each docstring's."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
from pathlib import Path

import numpy as np
import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

import minigrad
import models

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
MODULES = [
    name
    for package in (minigrad, models)
    for _, name, _ in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not name.endswith("__main__")
]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_in_order(page: Path):
    for example in Sybil([PythonCodeBlockParser(doctest_optionflags=OPTIONS)]).parse(page).examples():
        example.evaluate()


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_run(module: str):
    names = {"np": np, "mg": minigrad}  # beside what the module itself defines
    runner, report = doctest.DocTestRunner(optionflags=OPTIONS), io.StringIO()
    for docstring in doctest.DocTestFinder().find(importlib.import_module(module), extraglobs=names):
        runner.run(docstring, out=report.write)
    assert not runner.failures, report.getvalue()
