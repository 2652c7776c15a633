"""Files of call formats from which no call came: what they held instead."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.lake.catalog import LakePaths

NAMED = 3
"""Files that are named of a source; the others are counted."""

_QUERY = """
    with arrived as (
        select file_id, source_name, source_file, rows_quarantined
        from files
        where status = 'loaded' and commit_id > $since and list_contains($sources, source_name)
    ),

    by_table as (
        select file_id, table_name, sum(row_count) as row_count
        from file_days
        where file_id in (select file_id from arrived)
        group by file_id, table_name
    ),

    held as (
        select
            file_id,
            bool_or(table_name in ('gateway_calls', 'queue_samples')) as has_calls,
            bool_or(table_name <> 'omitted_records') as has_rows,
            string_agg(printf('%s: %d', table_name, row_count), ', ' order by table_name)
                as said
        from by_table
        group by file_id
    ),

    files_held as (
        select
            arrived.*,
            coalesce(held.has_calls, false) as has_calls,
            coalesce(held.has_rows, false) as has_rows,
            held.said,
            bool_or(coalesce(held.has_calls, false)) over (partition by source_name)
                as has_source_calls
        from arrived
        left join held using (file_id)
    )

    select
        source_name,
        source_file,
        concat_ws(', ', said, case when rows_quarantined > 0
            then printf('quarantine: %d', rows_quarantined) end)
    from files_held
    where not has_calls and not (has_rows and has_source_calls)
    order by source_name, source_file
"""


def files_without_calls(
    paths: LakePaths, since_commit: int, sources: Sequence[str]
) -> dict[str, str]:
    """Return, by source, what its files held that arrived after a commit and gave no call.

    A file of spans among files that did give calls is as it should be: many spans are no calls. So
    is one of samples of queues.

    Args:
        sources: names of the sources whose formats hold calls.
    """
    with duckdb.connect(str(paths.catalog), read_only=True) as con:
        rows = con.execute(_QUERY, {"since": since_commit, "sources": list(sources)}).fetchall()
    found: dict[str, list[str]] = {}
    for source, file, said in rows:
        found.setdefault(source, []).append(f"{file} ({said or 'no record'})")
    return {source: _sentence(files) for source, files in found.items()}


def _sentence(files: Sequence[str]) -> str:
    more = f" and {len(files) - NAMED:,} more" if len(files) > NAMED else ""
    return f"no call came from {', '.join(files[:NAMED])}{more}"
