"""The one grammar of `name = value and name = value` in cells of a workspace's files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ingest.prices.workspace_csv import Row

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
            row.refuse(column, "write name = value, several joined with `and`; a value that holds "
                       f"`and` in double quotes; not {text[at:]!r}")  # fmt: skip
        yield part[1].strip('"'), part[2] if part[2] is not None else part[3]
        at = part.end()


def refuse_unknown(row: Row, name: str, readable: Collection[str], prefix: str) -> None:
    """Refuse a condition that asks for what nobody knows.

    Args:
        readable: columns that a condition may read.
        prefix: what names a free key, `label.` for instance.

    Raises:
        ConfigError: the name is none of them.
    """
    if name not in readable and not name.startswith(prefix):
        row.refuse("when", f"{name!r} cannot be asked for; there are {prefix}<name>, "
                   + ", ".join(readable))  # fmt: skip
