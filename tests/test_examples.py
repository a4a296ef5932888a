"""Every example that a reader can see runs: the README's, the manual's, and each docstring's."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

import minigrad
import models

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def docstrings() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder()
    names = {"np": np, "mg": minigrad}  # an example may use these, and what its own module defines
    return [
        example
        for package in (minigrad, models)
        for module in modules_of(package)
        for example in finder.find(module, extraglobs=names)
        if example.examples
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_in_order(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for example in Sybil([PythonCodeBlockParser(doctest_optionflags=OPTIONS)]).parse(page).examples():
        example.evaluate()


@pytest.mark.parametrize("example", docstrings(), ids=lambda example: example.name)
def test_the_example_of_a_docstring_runs(
    example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    report = io.StringIO()
    failures, _ = doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=report.write)
    assert not failures, report.getvalue()
