"""Every command on the pages of docs/nets runs, and prints what the page says."""

import contextlib
import doctest
import io
import re
import shlex
import shutil
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

from models.cli import main
from tests.models.conftest import shared

PAGES = sorted((Path(__file__).parents[2] / "docs" / "nets").glob("*.md"))
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of a page's console blocks, each with what it should print."""
    blocks = "".join(CONSOLE.findall(page.read_text()))
    asked_and_told = [part.partition("\n") for part in re.split(r"^\$ ", blocks, flags=re.MULTILINE)[1:]]
    return [(command, told) for command, _, told in asked_and_told]


def printed(command: str) -> str:
    """What `python -m models ...` prints, errors included."""
    python, flag, module, *arguments = shlex.split(command)
    assert (python, flag, module) == ("python", "-m", "models")
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        main(arguments)
    return output.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    for example in Sybil([PythonCodeBlockParser(doctest_optionflags=FLAGS)]).parse(page).examples():
        example.evaluate()  # the commands may need the files that the page makes
    checker = doctest.OutputChecker()
    for command, expected in commands(page):
        if "mnist" in command:
            monkeypatch.setenv("MINIGRAD_DATA", str(shared("mnist").parent))
        if "sample_weight.pkl" in command:
            shutil.copy(shared("book/sample_weight.pkl"), tmp_path)
        told = printed(command)
        # A line of the page that ends in "..." stands for itself and whatever lines follow it.
        assert checker.check_output(expected, told, FLAGS), f"$ {command}\n{told}"
