"""Annotations of Phoenix (REST: span, trace and session annotations), one JSON object each.

`result` holds a label, a score and an explanation; the explanation is text about an answer and is
never read. An annotation that is sent again under the same `identifier` replaces the older one:
between two of one judge the later word counts anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.errors import ConfigError
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import Evaluation, compile_outcomes
from ingest.mapping.projection import canonical_select, leaves_of
from ingest.mapping.sections import compile_columns
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.reader import read_records

_PLACES = {
    # a span's annotation states neither trace nor session: whoever writes it must name the task
    "task_id": {"coalesce": ["metadata.task_id", "trace_id", "session_id"]},
    "judged_at": {"coalesce": ["updated_at", "created_at"]},
    "task_type": "metadata.task_type",
    "tenant_id": "metadata.tenant_id",
    "feature": "metadata.feature",
    "variant": "metadata.variant",
}


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read annotations that `[outcomes]` names into `task_outcomes`.

    Raises:
        ConfigError: `[outcomes]` is missing or wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    columns = compile_columns(config, "phoenix", _PLACES, TASK_OUTCOMES)
    kind = _text("annotator_kind")
    columns["evaluator_type"] = Expression(
        f"case when upper({kind.sql}) = 'HUMAN' then 'human' else 'model' end",
        "annotator_kind",
        kind.leaves,
    )
    outcomes = compile_outcomes(
        config, Evaluation(_text("name"), _text("result.score"), _text("result.label"), columns)
    )
    if outcomes is None:
        raise ConfigError(
            str(config.path), "outcomes", "say which annotations count: [outcomes.<their name>]"
        )
    leaves = leaves_of(outcomes.expressions)
    for relation in read_records(con, files, leaves, "jsonl"):
        named = f"(from {relation} where reject_reason is not null or {outcomes.counts})"
        yield Staged(TASK_OUTCOMES.name, f"({canonical_select(outcomes.expressions, named)})")


def _text(path: str) -> Expression:
    leaf = Leaf(parse_path(path))
    return Expression(f"nullif(\"{leaf.name}\", '')", path, (leaf,))


FORMAT = Format(
    "phoenix",
    "Phoenix annotations of traces, sessions and spans (JSON lines or arrays; gzip allowed)",
    (".jsonl", ".ndjson", ".json", ".gz"),
    read,
    options=("outcomes", "missing"),
)
