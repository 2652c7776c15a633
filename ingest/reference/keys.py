"""Names of keys, `config/keys.csv`: what a gateway calls the keys that its log knows by a hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import pyarrow as pa

from ingest.records.pseudonyms import pseudonyms_of
from ingest.reference.columns import computed, text
from ingest.reference.row import Row
from ingest.reference.table import Note, ReferenceRow, ReferenceTable


def _names(row: Row) -> tuple[str, ...]:
    return pseudonyms_of(row["key"], row.salt)


@dataclass(frozen=True)
class KeyAlias(ReferenceRow):
    """One key and what people call it; the key leaves this module as a pseudonym."""

    key: Annotated[
        str,
        text(
            "the key as the gateway's log or the pages name it, never the secret itself",
            empty="name the key by its hash or pseudonym",
            shown=False,
        ),
    ]
    names: Annotated[
        tuple[str, ...],
        computed(
            "what rows of calls may hold for the key", _names, pa.list_(pa.string()), to_raw=list
        ),
    ]
    alias: Annotated[str, text("what people call it", empty="say what people call it")]
    note: Note = field(default="", compare=False)


def _refuse_repeated(rows: tuple[KeyAlias, ...]) -> None:
    """Refuse two names of one key: nobody could say which it is shown by."""
    seen: dict[str, KeyAlias] = {}
    for row in rows:
        for name in row.names:
            first = seen.setdefault(name, row)
            if first is not row:
                row.row.refuse("key", f"line {first.row.line} names it too: keep one")


KEY_ALIASES = ReferenceTable(
    name="key_aliases",
    file="config/keys.csv",
    title="what people call the keys that logs know by a hash",
    row_type=KeyAlias,
    check=_refuse_repeated,
)
