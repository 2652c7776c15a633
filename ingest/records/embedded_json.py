"""JSON inside a value: exports write objects and lists as text, in CSV columns and within JSON.

A document is a top-level key whose value is such a text, or the object or list itself; which keys
are documents is a fact of the format. Their leaves are found in the query that reads the record, so
the rest of the text never leaves it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingest.records.fields import Leaf, json_paths
from ingest.sql import quote

NOT_JSON = "the value is not JSON"


@dataclass(frozen=True)
class Document:
    """One key that holds JSON, and the leaves that are wanted of it."""

    key: str
    leaves: tuple[Leaf, ...]

    @property
    def column(self) -> str:
        """Quoted name of the column that holds the texts of the leaves, as a list."""
        return quote(f"inside {self.key}")

    def texts(self, json: str) -> str:
        """SQL of that column, from SQL of the document as JSON."""
        paths = json_paths([leaf.path[1:] for leaf in self.leaves])
        return f"json_extract_string({json}, {paths}) as {self.column}"

    def text_of(self, leaf: Leaf) -> str:
        """SQL of one leaf's text."""
        return f"{self.column}[{self.leaves.index(leaf) + 1}]"


def documents_of(leaves: Sequence[Leaf], keys: Collection[str]) -> list[Document]:
    """The documents that leaves lie in."""
    wanted = dict.fromkeys(leaf.path[0] for leaf in leaves if leaf.path[0] in keys)
    return [Document(key, tuple(leaf for leaf in leaves if leaf.path[0] == key)) for key in wanted]


def document_of(leaf: Leaf, documents: Sequence[Document]) -> Document | None:
    """The document that a leaf lies in; None when it lies in the record itself."""
    return next((found for found in documents if found.key == leaf.path[0]), None)


def typed(text: str, leaf: Leaf, cast: str = "cast") -> str:
    """SQL that types a leaf's text; a list from its JSON, whose escapes a cast of text ignores."""
    if leaf.is_nested:
        text = f"{cast}({text} as json)"
    return f"{cast}({text} as {leaf.type})"
