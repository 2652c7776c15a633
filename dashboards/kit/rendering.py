"""Templates filled, and the files that every page shares: style sheet, scripts, plotly.js."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from dashboards.kit import formatting

_KIT = Path(__file__).parent
_ROOM = _KIT.parent
_STATIC = _KIT / "static"
ASSETS = ("site.css", "charts.js", "tables.js", "views.js")
PLOTLY = "plotly-cartesian.min.js"
"""The bundle that plotly.js publishes of bars, lines and heat maps: a third of the whole."""


def render_template(template: str, context: Mapping[str, Any]) -> str:
    """Fill a template of the kit, a page or a statement; whatever it prints is escaped."""
    return _templates().get_template(template).render(**context)


@cache
def _templates() -> jinja2.Environment:
    """The templates, each compiled once: what all pages share is in every one of them."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_KIT, _ROOM / "pages", _ROOM / "statements"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = formatting.text
    environment.filters["moment"] = formatting.moment
    environment.filters["day"] = formatting.day
    return environment


def write_assets(folder: Path) -> None:
    """Write the shared files into a folder that does not exist yet."""
    folder.mkdir()
    for name in (*ASSETS, PLOTLY):
        (folder / name).write_bytes((_STATIC / name).read_bytes())
