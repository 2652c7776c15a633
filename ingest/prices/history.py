"""The price books of a workspace as it knew them: each is kept, and none is ever changed.

A new book is kept whenever a run finds other prices than the run before: the public book was
updated, or the workspace's own prices. So a past range can be priced as it was known on any day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import OutlayError
from ingest.files import make_folder, put_in_place
from ingest.prices.book import model_prices
from ingest.prices.tables import MODEL_PRICES, arrow_schema
from ingest.reference.columns import ALWAYS, OPEN

_STAMP = "%Y%m%dT%H%M%S"
_SCHEMA = arrow_schema(MODEL_PRICES)
_STATED = [name for name in _SCHEMA.names if name not in ("known_from", "source")]
"""What makes a price; where it stands may change without a new price."""

_SAYS_NOTHING: Mapping[str, tuple[object, ...]] = {
    "valid_from": (ALWAYS,),
    "valid_to": (OPEN,),
    "daily_from": (time(0),),
    "min_input_tokens": (0,),
}


def keep_book(folder: Path, book: pa.Table, moment: datetime) -> pa.Table:
    """Keep a book unless the newest one says the same, and say since when each price is known.

    Args:
        folder: where the books of a workspace are.
        book: the columns of `MODEL_PRICES`.
        moment: when the workspace took it in, UTC, naive.

    Returns:
        The book with `known_from`: the moment at which the workspace first had that price.
    """
    kept = _books_on_disk(folder)
    newest = pq.read_table(kept[-1], schema=_SCHEMA) if kept else None
    if newest is not None and newest.drop(["known_from"]).equals(book.drop(["known_from"])):
        return newest
    dated = _dated(book, newest, moment)
    make_folder(folder)
    target = folder / f"{moment:{_STAMP}}.parquet"
    temporary = target.with_suffix(".new")
    pq.write_table(dated, temporary, compression="zstd")
    put_in_place(temporary, target)
    return dated


def book_known_on(folder: Path, moment: datetime) -> pa.Table:
    """The book as the workspace knew it just before a moment (UTC, naive).

    Raises:
        OutlayError: it kept no book by then; says since when it does.
    """
    kept = _books_on_disk(folder)
    known = [path for path in kept if datetime.strptime(path.stem, _STAMP) < moment]
    if known:
        return pq.read_table(known[-1], schema=_SCHEMA)
    since = (
        f"its first is of {datetime.strptime(kept[0].stem, _STAMP)} UTC"
        if kept
        else "the first run keeps one"
    )
    raise OutlayError(
        f"this workspace kept no price book before {moment} UTC: {since};"
        " name the prices of then with --prices FILE"
    )


def book_facts() -> tuple[str, ...]:
    """The public book's own prices as JSON, one a price, for the account of what changed."""
    listed = (row for row in model_prices().to_pylist() if row["inherited_from"] is None)
    return tuple(
        json.dumps({n: str(row[n]) for n in _STATED if row[n] not in _SAYS_NOTHING.get(n, (None,))})
        for row in listed
    )


def _books_on_disk(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _dated(book: pa.Table, newest: pa.Table | None, moment: datetime) -> pa.Table:
    """The book, each price known since the newest kept book had it, or from now on."""
    old = newest if newest is not None else _SCHEMA.empty_table()
    same = " and ".join(f"b.{name} is not distinct from o.{name}" for name in _STATED)
    with duckdb.connect() as con:
        con.register("book", book.append_column("place", pa.array(range(book.num_rows))))
        con.register("old", old)
        dated = con.execute(
            "select b.* exclude (place) replace"
            " (coalesce(o.known_from, $moment::timestamp) as known_from)"
            f" from book as b left join old as o on {same} order by b.place",
            {"moment": moment},
        ).to_arrow_table()
    return dated.cast(_SCHEMA)
