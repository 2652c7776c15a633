"""`name = value and …`: the one way in which a workspace's rows say what they are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ingest.errors import nearest
from ingest.reference.row import Row

Condition = tuple[str, tuple[str, ...]]
"""A column or a free key such as `label.<name>`, and the texts or patterns with `*` of which one
must fit."""

_PART = re.compile(
    r'\s*([\w.-]+|"[^"]*")\s*=\s*(?:"([^"]*)"|([^\s"].*?))\s*(?:$|\sand\s)', re.IGNORECASE
)


def parts(row: Row, column: str) -> Iterator[tuple[str, str]]:
    """The `name = value` parts of a cell, without their quotes.

    Raises:
        ConfigError: the cell is empty, or no such parts joined with `and`.
    """
    text, at = row[column], 0
    while at < len(text) or not text:
        part = _PART.match(text, at)
        if not part:
            row.refuse(
                column,
                "write name = value, several joined with `and`; a value that holds "
                f"`and` in double quotes; not {text[at:]!r}",
            )
        yield part[1].strip('"'), part[2] if part[2] is not None else part[3]
        at = part.end()


def refuse_unknown(
    row: Row, column: str, names: Collection[str], readable: Collection[str], *, prefix: str = ""
) -> None:
    """Refuse a condition on something that cannot be asked for.

    Args:
        readable: columns that a condition may read.
        prefix: what names a free key, `label.` for instance; without one there are none.

    Raises:
        ConfigError: lists what there is.
    """
    for name in names:
        if name not in readable and not (prefix and name.startswith(prefix)):
            listed = ", ".join([f"{prefix}<name>", *readable] if prefix else readable)
            row.refuse(
                column, f"{name!r} cannot be asked for; there are {listed}{nearest(name, readable)}"
            )
