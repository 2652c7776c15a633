"""Read a rendered page back as a reader would: its tables, tiles, charts and what it loads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

LOADING = {"src", "href", "data", "action", "poster", "srcset"}


@dataclass
class Seen:
    """One table cell or tile value: its text and its tooltip."""

    text: str = ""
    tooltip: str | None = None


@dataclass
class Page:
    """What a page shows, and which addresses it refers to."""

    text: str = ""
    title: str = ""
    tables: dict[str, list[list[Seen]]] = field(default_factory=dict)
    tiles: dict[str, list[str]] = field(default_factory=dict)
    tooltips: dict[str, str | None] = field(default_factory=dict)
    charts: dict[str, dict[str, Any]] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def row(self, table: str, first: str) -> list[str]:
        """Return the cells after the first of the table's row that starts with `first`."""
        return [cell.text for cell in self.cells(table, first)[1:]]

    def cells(self, table: str, first: str) -> list[Seen]:
        """Return the cells of the table's row that starts with `first`."""
        rows = [row for row in self.tables[table] if row and row[0].text == first]
        assert len(rows) == 1, f"{table}: {len(rows)} rows called {first!r}"
        return rows[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.section = ""
        self.heading = ""
        self.inside: list[str] = []
        self.cell: Seen | None = None
        self.tile = ""
        self.chart: str | None = None
        self.rows: list[list[Seen]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.page.tags.append((tag, named))
        self.page.references += [(tag, value or "") for key, value in attrs if key in LOADING]
        css = named.get("class") or ""
        if tag in ("h1", "h2", "h3", "title"):
            self.inside.append(tag)
            self.heading = ""
        elif tag == "table":
            self.rows = self.page.tables[self.section] = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = Seen(tooltip=named.get("title"))
            self.rows[-1].append(self.cell)
        elif tag == "section" and css == "statement":
            self.section = ""
        elif css == "tile":
            self.tile = (named.get("id") or "").removeprefix("tile-")
            self.page.tiles[self.tile] = []
        elif css == "value":
            self.page.tooltips[self.tile] = named.get("title")
        elif css == "scroll" or tag == "dl":
            self.tile = ""
        elif tag == "script":
            self.chart = named.get("data-chart")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h1", "h2", "h3", "title") and self.inside:
            self.inside.pop()
            if tag == "title":
                self.page.title = self.heading
            else:
                self.section = self.heading.strip()
        elif tag in ("td", "th"):
            self.cell = None
        elif tag == "script":
            self.chart = None

    def handle_data(self, data: str) -> None:
        if self.chart:
            self.page.charts[self.chart] = json.loads(data)
            return
        self.page.text += data
        if self.inside:
            self.heading += data
            self.tile = ""
        elif self.cell is not None:
            self.cell.text += data
        elif self.tile and data.strip():
            self.page.tiles[self.tile].append(data.strip())


def read_page(path: Path) -> Page:
    """Parse a page."""
    return parse(path.read_text(encoding="utf-8"))


def parse(html: str) -> Page:
    """Parse HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def read_part(site: Path, view: str, file: str, *values: str) -> Page:
    """What the page shows once a view is turned to some values, read from its data file."""
    script = (site / "data" / view / f"{file}.js").read_text(encoding="utf-8")
    name, parts = json.loads(f"[{script.removeprefix('outlayData(').rstrip().removesuffix(');')}]")
    assert name == f"{view}/{file}"
    part = parts[" ".join(values)]
    tables = {table["title"]: _rows(table) for table in part["tables"]}
    captions = [table["caption"] for table in part["tables"]]
    texts = [cell.text for rows in tables.values() for row in rows for cell in row]
    text = "\n".join([part["title"], part["badge"], part["note"][0], *captions, *texts])
    return Page(text=text, title=part["title"], tables=tables)


def _rows(table: dict[str, Any]) -> list[list[Seen]]:
    heads = [[Seen(column[0], column[1] or None) for column in table["columns"]]]
    return heads + [[_seen(cell) for cell in cells] for _, *cells in table["lines"]]


def _seen(cell: str | list[str]) -> Seen:
    return Seen(cell) if isinstance(cell, str) else Seen(cell[0], cell[2] or None)
