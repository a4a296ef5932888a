"""A file downloaded once, and checked."""

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from models.errors import InputError

_CHUNK = 1 << 20
_TIMEOUT = 60  # seconds without a byte


def download(url: str, path: Path, sha256: str) -> None:
    """Downloads a file unless it is there already; what is at `path` afterwards has the SHA-256 asked for.

    The file is written beside `path` under another name, checked, and only then put in its place.

    Args:
        url: An http or https address.
        path: Where the file is to be.
        sha256: The checksum of the file, in hexadecimal.

    Raises:
        InputError: The address does not answer, or what it sent is not the file that was asked for.
    """
    if path.exists() and _sha256(path) == sha256:
        return
    if not url.startswith(("https://", "http://")):
        raise InputError(f"{url}: not an http or https address")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file, urllib.request.urlopen(url, timeout=_TIMEOUT) as response:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
        received = _sha256(part)
        if received != sha256:
            raise InputError(f"{url}: damaged or truncated: its SHA-256 is {received}, not {sha256}")
        part.replace(path)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise InputError(f"{url}: cannot be downloaded: {getattr(error, 'reason', None) or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
