"""A wanted value of a record and its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.sql import literal, quote

_SEGMENT = re.compile(r'"([^"]+)"|([^."\s][^."]*)')


@dataclass(frozen=True)
class Leaf:
    """One wanted value of a record.

    Attributes:
        path: keys from the record's root; a key that holds a dot is quoted in `name`.
        type: VARCHAR, BIGINT, DOUBLE, BOOLEAN, VARCHAR[], DECIMAL(18,9), or a list of structs.
        keep: SQL of what is kept of the typed value, given its SQL; applied while it is read, so
            that the rest (the text whose bytes are counted) is written nowhere.
    """

    path: tuple[str, ...]
    type: str = "VARCHAR"
    keep: Callable[[str], str] | None = None

    @property
    def name(self) -> str:
        """Dotted path, the column's name."""
        return ".".join(f'"{key}"' if "." in key else key for key in self.path)

    @property
    def is_nested(self) -> bool:
        """Whether the value is a list, which SQL types by way of JSON."""
        return self.type.endswith("]")

    def kept(self, value: str) -> str:
        """SQL of what a record keeps of the typed value."""
        return self.keep(value) if self.keep else value


def parse_path(text: str) -> tuple[str, ...]:
    """Split a dotted path; a key that holds a dot is written in double quotes.

    Raises:
        ValueError: the text is not a path.
    """
    keys = tuple(quoted or plain for quoted, plain in _SEGMENT.findall(text))
    if not keys or ".".join(f'"{k}"' if "." in k else k for k in keys) != text:
        raise ValueError(f"{text!r} is not a dotted path")
    return keys


def json_paths(paths: Sequence[tuple[str, ...]]) -> str:
    """Paths as the list that DuckDB's JSON functions take; an empty one is the value itself."""
    spelt = ("$" + "".join(f'."{key}"' for key in path) for path in paths)
    return "[" + ", ".join(literal(path) for path in spelt) + "]"


def access(path: tuple[str, ...]) -> str:
    """SQL of the value at a path of structs."""
    return ".".join(quote(key) for key in path)
