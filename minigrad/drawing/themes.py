"""The colours of a picture, by role. Every text keeps a contrast of at least 4.5 : 1 to what it stands on."""

from typing import NamedTuple

HEAT_LIMITS = (0.01, 0.03, 0.10, 0.30)
HEAT_NAMES = ("<1%", "1–3", "3–10", "10–30", ">30%")


class Theme(NamedTuple):
    """One colour for each role; the five of `heat` go from an operation's smallest share to its largest."""

    name: str
    background: str
    ink: str
    muted: str
    gradient: str
    edge: str
    operation: str
    parameter: str
    parameter_fill: str
    data: str
    data_fill: str
    output: str
    output_fill: str
    module: str
    module_fill: str
    alert: str
    alert_ink: str
    heat: tuple[str, str, str, str, str]
    heat_ink: tuple[str, str, str, str, str]
    heat_muted: tuple[str, str, str, str, str]


LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    ink="#1F2933",
    muted="#52606D",
    gradient="#A63C06",
    edge="#7B8794",
    operation="#52606D",
    parameter="#0067A5",
    parameter_fill="#E6F0F8",
    data="#00664B",
    data_fill="#E3F3EC",
    output="#8A3B73",
    output_fill="#F8E8F2",
    module="#CBD2D9",
    module_fill="#F5F7FA",
    alert="#B3261E",
    alert_ink="#FFFFFF",
    heat=("#FFFFFF", "#FFF3DC", "#FFE0AE", "#FFC46B", "#FB9A29"),
    heat_ink=("#1F2933",) * 5,
    heat_muted=("#52606D",) * 3 + ("#1F2933",) * 2,
)

DARK = Theme(
    name="dark",
    background="#0F1720",
    ink="#E5EAF0",
    muted="#9AA5B1",
    gradient="#FF9D5C",
    edge="#7B8794",
    operation="#9AA5B1",
    parameter="#6CB8EE",
    parameter_fill="#12304A",
    data="#4CC9A0",
    data_fill="#0F3A30",
    output="#E29BCB",
    output_fill="#43203A",
    module="#3B4754",
    module_fill="#18222E",
    alert="#FFB4AB",
    alert_ink="#410E0B",
    heat=("#1B2530", "#33291A", "#574019", "#7F5716", "#E08A1E"),
    heat_ink=("#E5EAF0",) * 4 + ("#0F1720",),
    heat_muted=("#9AA5B1",) * 2 + ("#E5EAF0",) * 2 + ("#0F1720",),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def heat_level(share: float | None) -> int:
    """The step of the heat scale, 0 to 4, for an operation's share of the whole."""
    return 0 if share is None else sum(share >= limit for limit in HEAT_LIMITS)


def colour(theme: Theme, role: str, level: int | None = None) -> str:
    """A role's colour; `level` is the heat the text stands on, if it stands on an operation."""
    if level is not None and role in ("ink", "share", "muted"):
        return (theme.heat_muted if role == "muted" else theme.heat_ink)[level]
    found: str = getattr(theme, "ink" if role == "share" else role)
    return found
