"""A headless Chromium for the tests that measure pictures, and what they measure with."""

import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def browser():
    """Chromium, driven by selenium; a test that asks for it is skipped where they are missing."""
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason='needs selenium: pip install "minigrad[test]"'
    )
    programs = shutil.which("chromium"), shutil.which("chromedriver")
    if None in programs:
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1300,1000",
        "--hide-scrollbars",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(programs[1]))
    yield driver
    driver.quit()


@pytest.fixture
def complaints(browser, tmp_path):
    """What a reader could trip over in an SVG: texts outside their boxes, overlaps, low contrast, small type."""
    script = (HERE / "measure.js").read_text(encoding="utf-8")

    def measure(svg):
        page = tmp_path / "page.html"
        page.write_text(
            f'<!doctype html><meta charset="utf-8"><body style="margin:0">{svg}', encoding="utf-8"
        )
        browser.get(page.as_uri())
        return browser.execute_script(script, browser.find_element("css selector", "svg"))

    return measure


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts a program named ``dot`` first on PATH, and hides graphviz-pure; returns nothing."""

    def install(script):
        program = tmp_path / "bin" / "dot"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / name))

    return install


@pytest.fixture
def no_engine(tmp_path, monkeypatch):
    """A machine without any Graphviz."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / name))
