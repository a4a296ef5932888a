"""`python -m models`: the nets from the command line."""

import sys

try:
    from models.cli import main
except ModuleNotFoundError as error:
    package = (error.name or "").partition(".")[0]
    print(f'error: the command line needs {package}: pip install "minigrad[models]"', file=sys.stderr)
    sys.exit(2)

sys.exit(main())
