"""How Sphinx builds the manual: `sphinx-build -W --nitpicky docs docs/_build`."""

import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))
import make_pictures

_pyproject = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())

project = "minigrad"
author = "The minigrad developers"
copyright = "2026, The minigrad developers"
version = release = _pyproject["project"]["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
default_role = "code"  # docstrings write `x` for code
myst_enable_extensions = ["attrs_inline", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "minigrad"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings say shapes and dtypes; spelled out, NumPy's types would drown them
napoleon_numpy_docstring = False
napoleon_use_rtype = False

# Names that are documented elsewhere than in this manual: it is built without a network.
nitpick_ignore_regex = [
    ("py:.*", r"(numpy|np)\..*"),
    ("py:.*", r"(collections|contextlib|pathlib|types)\..*"),
]


def setup(app: Sphinx) -> None:
    """Draws the README's pictures afresh."""
    app.connect("builder-inited", lambda _: make_pictures.main())
