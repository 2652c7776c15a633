"""Context of a call as its record states it: under the column's name, or in the gateway's own word.

What is under such a name and does not fit the column says nothing: applications may mean another
thing by it. The settings of a source go before, and where they read a path, this gives way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ingest.contracts.call_context import CALL_CONTEXT, PROMPT_HASHES
from ingest.contracts.columns import Column
from ingest.contracts.validation import MOST_TOKENS
from ingest.mapping.compiler import Compiler
from ingest.mapping.expression import Expression
from ingest.mapping.sections import short_text
from ingest.mapping.usage_readings import whole_number
from ingest.records.fields import Leaf
from ingest.records.format import SourceConfig
from ingest.records.pseudonyms import pseudonym
from ingest.sql import literal


def usual_context(
    config: SourceConfig,
    places: Callable[[str], object],
    known: Mapping[str, object] | None = None,
    own: Mapping[str, Expression] | None = None,
) -> dict[str, Expression]:
    """Columns of a call's context.

    Args:
        config: the source, for messages and its salt.
        places: entry of a mapping, by column: where callers may state it.
        known: entries of columns for which the gateway has a word of its own; it goes before.
        own: what the settings say.
    """
    settings = own or {}
    compiler = Compiler(config)
    found = {}
    for column in CALL_CONTEXT:
        entry = places(column.name)
        if known and column.name in known:
            entry = {"coalesce": [known[column.name], entry]}
        stated = compiler.compile(f"attribution.{column.name}", entry, "VARCHAR")
        if column.name not in settings and not any_nested(stated.leaves, settings.values()):
            sql = _fitting(column, stated.sql, config.salt)
            found[column.name] = Expression(sql, column.name, stated.leaves)
    return found


def filled_in(template: object, name: str) -> object:
    """An entry of a mapping, `{name}` in it replaced by a column's name."""
    if isinstance(template, str):
        return template.replace("{name}", name)
    if isinstance(template, Mapping):
        return {word: filled_in(value, name) for word, value in template.items()}
    if isinstance(template, list):
        return [filled_in(part, name) for part in template]
    return template


def _fitting(column: Column, text: str, salt: str) -> str:
    """SQL of a text as a value of the column; NULL when it is none."""
    if column.name in PROMPT_HASHES:
        return pseudonym(text, salt)
    if column.allowed:
        words = ", ".join(map(literal, column.allowed))
        return f"case when lower({text}) in ({words}) then lower({text}) end"
    if column.type == "VARCHAR":
        return short_text(text)
    if column.type == "BOOLEAN":
        return f"try_cast({text} as boolean)"
    number = f"try_cast({text} as double)"
    if column.type.startswith("DECIMAL"):
        return f"case when {number} between 0 and 1 then try_cast({text} as {column.type}) end"
    return f"case when {number} between 0 and {MOST_TOKENS - 1} then {whole_number(number)} end"


def any_nested(leaves: Iterable[Leaf], own: Iterable[Expression]) -> bool:
    """Whether a leaf lies inside one that settings read, or around: one read cannot give both."""
    read = [leaf.path for expression in own for leaf in expression.leaves]
    pairs = [(leaf.path, path) for leaf in leaves for path in read if leaf.path != path]
    return any(a[: len(b)] == b or b[: len(a)] == a for a, b in pairs)
