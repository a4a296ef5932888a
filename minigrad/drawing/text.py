"""How names, numbers, sizes and times are written in a picture."""

import math
import unicodedata
from functools import lru_cache
from html import escape

from minigrad.drawing.picture import Statistics, Tensor

MINUS = "\u2212"
LONGEST_NAME = 40


def clean(name: str, longest: int = LONGEST_NAME) -> str:
    """A name on one line, without control characters, its middle left out where it is long."""
    if not (name.isascii() and name.isprintable()):
        name = "".join(_printable(c) for c in name)
    name = " ".join(name.split())
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "\ufffd" if category in ("Cs", "Cn", "Co") else character


def number(value: float, digits: int = 3) -> str:
    """A number in few characters: 0.0502, 2.38, 1.1e−3, 39 760."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    if 0.01 <= abs(value) < 10 ** max(digits, 4):
        text = f"{value:.{digits}g}"
        if "e" in text:
            text = f"{value:.0f}"
        return text.replace("-", MINUS)
    mantissa, _, exponent = f"{value:.{max(digits - 2, 0)}e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)


@lru_cache(maxsize=4096)
def exact(value: float) -> str:
    """A scalar as a book would print it: 650, 1.1, 2.3758."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e7:
        return str(int(value)).replace("-", MINUS)
    return number(value, 5)


def grouped(count: int) -> str:
    """An integer with its thousands set apart: 39 760."""
    return f"{count:,}".replace(",", " ")


def counted(count: int, noun: str) -> str:
    """How many of them: 1 param, 39 760 params."""
    return f"{grouped(count)} {noun}{'s' * (count != 1)}"


def shape(extents: tuple[int, ...]) -> str:
    """64 × 784; the shape () is a scalar."""
    return " × ".join(map(str, extents)) if extents else "scalar"


def size(nbytes: int) -> str:
    """Bytes in decimal units: 157 kB, 2.0 kB, 12 B."""
    if nbytes < 1000:
        return f"{nbytes} B"
    scaled, units = nbytes / 1000, ["kB", "MB", "GB", "TB"]
    while scaled >= 999.5 and len(units) > 1:
        scaled /= 1000
        units.pop(0)
    return f"{scaled:.0f} {units[0]}" if scaled >= 99.95 else f"{scaled:.1f} {units[0]}"


def duration(seconds: float) -> str:
    """A time in the unit that keeps it short: 58.4 µs, 1.2 ms."""
    if seconds < 999.5e-6:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 0.9995 else f"{seconds:.2f} s"


def percent(share: float) -> str:
    """A share of the whole: 73%, and <1% for what is not nothing."""
    return "<1%" if 0 < share < 0.005 else f"{share * 100:.0f}%"


def statistic(tensor: Tensor, statistics: Statistics) -> str:
    """One number for an array: itself where it holds one element, else the rms of its elements."""
    return exact(statistics.mean) if tensor.is_scalar else number(statistics.rms)


@lru_cache(maxsize=65536)
def escaped(words: str) -> str:
    """Words as they stand in XML and in Graphviz's labels."""
    return escape(words)
