"""`[tokens]` of a mapping: what a record counts, read as the token vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ingest.errors import nearest
from ingest.mapping.compiler import Compiler
from ingest.mapping.expression import Expression
from ingest.mapping.usage_readings import EXCLUSIVE, INCLUSIVE, VECTOR, Convention, with_reading
from ingest.records.format import SourceConfig

_CACHES = ("cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "cache_write_other")
_PARTS = (
    "input_audio",
    "input_image",
    "input_video",
    "output_audio",
    "output_image",
    "output_video",
    "cache_read_audio",
)
WORDS = ("input", "input_includes_cache", *_CACHES, *_PARTS, "output", "reasoning", "total",
         "web_searches")  # fmt: skip
"""The words of `[tokens]`, each but the flag a source of a whole number."""


_COLUMNS = {
    "input": "input_uncached_tokens",
    "cache_write": "cache_write_other_tokens",
    "web_searches": "web_searches",
}
"""Columns that are not called as their word is. `cache_write` is all that was written: what its
lifetimes leave has none."""


@dataclass(frozen=True)
class TokenCounts:
    """What a record counts.

    Attributes:
        columns: columns of a call, over a relation that `read` gives; only what is counted.
        counts: SQL of each count, by its name in `usage_readings`.
        convention: how the source counts.
    """

    columns: Mapping[str, Expression]
    counts: Mapping[str, str]
    convention: Convention

    def read(self, relation: str) -> str:
        """The relation with the reading of its counts."""
        return with_reading(relation, self.counts, self.convention)


def compile_tokens(config: SourceConfig, entries: Mapping[str, object]) -> TokenCounts:
    """Compile `[tokens]`.

    `input_includes_cache` is true when `input` counts cached and written tokens too; a `total`, or
    a part that is larger than its whole, can show that a record counts otherwise.

    Raises:
        ConfigError: an unknown word, or no `input_includes_cache` beside a cache class.
    """
    compiler = Compiler(config)
    if unknown := sorted(set(entries) - set(WORDS)):
        hint = nearest(unknown[0], WORDS)
        raise compiler.fail(
            f"tokens.{unknown[0]}", f"known words: {', '.join(sorted(WORDS))}{hint}"
        )
    parts = {
        word: compiler.compile(f"tokens.{word}", source, "BIGINT")
        for word, source in entries.items()
        if word != "input_includes_cache"
    }
    if any(word in parts for word in _CACHES) and "input_includes_cache" not in entries:
        raise compiler.fail(
            "tokens.input_includes_cache",
            "say true when `input` includes cached tokens (OpenAI) or false (Anthropic)",
        )
    if not isinstance(entries.get("input_includes_cache", True), bool):
        raise compiler.fail("tokens.input_includes_cache", "write true or false, without quotes")
    is_inclusive = entries.get("input_includes_cache", True) is True
    return TokenCounts(_columns(parts), _counts(parts), INCLUSIVE if is_inclusive else EXCLUSIVE)


def _counts(parts: Mapping[str, Expression]) -> dict[str, str]:
    counts = {word: part.sql for word, part in parts.items()}
    if "cache_write_other" in counts:
        written = [counts[word] for word in _CACHES[2:] if word in counts]
        counts["cache_write"] = " + ".join(f"coalesce({sql}, 0)" for sql in written)
        del counts["cache_write_other"]
    return counts


def _columns(parts: Mapping[str, Expression]) -> dict[str, Expression]:
    """The columns of what is counted; what a mapping does not name stays unknown."""
    columns = {}
    for word, part in parts.items():
        if word == "total":
            continue
        column = _COLUMNS.get(word, f"{word}_tokens")
        sql = VECTOR[column]
        if word not in ("input", "output"):
            sql = f"case when {part.sql} is not null then {sql} end"
        # the reading would make a negative count 0, or take it from another
        negative = (f"({part.sql}) < 0", "a count of tokens is negative")
        columns[column] = replace(part, sql=sql, checks=(*part.checks, negative))
    if "total" in parts:
        name = "is_usage_contradictory"
        columns[name] = replace(parts["total"], sql=VECTOR[name])
    return columns
