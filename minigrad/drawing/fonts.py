"""The widths of Helvetica's characters: what makes a text fit its box before anything has drawn it.

From Adobe's metrics of Helvetica and Helvetica Bold, which Arial, Arimo and Liberation Sans share, in
thousandths of the type size. Characters of one width stand on one line.
"""

import unicodedata
from functools import lru_cache

FAMILY = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif"

_REGULAR = {
    191: "'",
    222: "ijlı",
    260: "|",
    278: " \u00a0!,./:;I[]\\ftÌÍÎÏìíîï",
    333: "()-`r¡¨´·¸¹²³",
    334: "{}",
    355: '"',
    389: "*",
    395: "τ",
    400: "°",
    446: "ε",
    469: "^",
    494: "∂",
    500: "JcksvxyzçýÿγκλνšžŠ",
    549: "±÷√≈≠≤≥",
    556: "#$0123456789?L_abdeghnopqu¢£¤¥§«»àáâãäåèéêëðñòóôõöøùúûüþηθο–",
    557: "δ",
    569: "ρ",
    575: "βµμα",
    584: "+<=>~¬×−",
    611: "FTZß",
    617: "σ",
    648: "φ",
    667: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝÞ",
    713: "ψ∑∞",
    722: "CDHNRUwÇÐÑÙÚÛÜ",
    737: "©®",
    778: "GOQÒÓÔÕÖØω",
    833: "Mm",
    889: "%æ",
    944: "W",
    990: "▲▼►",
    1000: "Æ…—←→",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " \u00a0,./I\\ijlıÌÍÎÏìíîï",
    280: "|",
    333: "!()-:;[]`ft¡¨´·¸¹²³",
    389: "*r{}",
    400: "°",
    446: "τ",
    474: '"ε',
    494: "∂",
    500: "zž",
    549: "±÷√≈≠≤≥θ",
    556: "#$0123456789J_aceksvxy¢£¤¥§«»àáâãäåçèéêëýÿγλν–š",
    584: "+<=>^~¬×−μµκ",
    611: "?FLTZbdghnopquðñòóôõöøùúûüþηοßδβα",
    619: "ρ",
    667: "EPSVXYÈÉÊËÝÞŠ",
    684: "σ",
    722: "&ABCDHKNRUÀÁÂÃÄÅÇÐÑÙÚÛÜ∑∞φ",
    737: "©®",
    778: "GOQwÒÓÔÕÖØψ",
    833: "M",
    889: "%mæω",
    944: "W",
    975: "@",
    990: "▲▼►",
    1000: "Æ…—←→",
}


class _Widths(dict[str, int]):
    """The widths of characters; for one outside the table what to keep free: generous, since its font is not known."""

    def __missing__(self, character: str) -> int:
        if unicodedata.combining(character):
            return 0
        return 1250 if unicodedata.east_asian_width(character) in "WF" else 780


_WIDTHS = tuple(
    _Widths((character, width) for width, characters in table.items() for character in characters)
    for table in (_REGULAR, _BOLD)
)


@lru_cache(maxsize=65536)
def text_width(text: str, size: float, bold: bool) -> float:
    """The width of one line of text, in the unit of `size` (points)."""
    return sum(map(_WIDTHS[bold].__getitem__, text)) * size / 1000
