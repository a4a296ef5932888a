"""`python -m models`: the nets from the command line."""

import sys

try:
    from models.cli import main
except ModuleNotFoundError as error:
    sys.exit(f'error: the command line needs {error.name}: pip install "minigrad[models]"')

sys.exit(main())
