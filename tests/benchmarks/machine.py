"""The facts about a machine and its libraries that a timing depends on."""

import platform
from importlib import metadata
from pathlib import Path

import numpy as np


def facts(packages: tuple[str, ...] = ()) -> str:
    """Describe in a line the processor, Python, NumPy with its BLAS, and those of the packages there are."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    parts = [
        _processor(),
        f"Python {platform.python_version()}",
        f"NumPy {np.__version__} with {blas['name']} {blas['version']}",
    ]
    for package in packages:
        try:
            parts.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            parts.append(f"no {package}")
    return ", ".join(parts) + "; one thread"


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
