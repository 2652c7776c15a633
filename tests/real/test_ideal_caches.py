"""Repeats of two public traces of prompts, by the models' own predicate.

Mooncake published them with its paper (Qin et al., 2024): a request is the hashes of its prompt's
blocks of 512 tokens, each of the block and all before it. An ideal prefix cache, without limits,
serves every block that was there before.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment

from tests.conftest import REPOSITORY

MACROS = REPOSITORY / "dbt_project" / "macros" / "caches" / "repeats.sql"


@pytest.mark.parametrize(("trace", "ideal"), [("conversation", 0.366412), ("synthetic", 0.639604)])
def test_an_ideal_prefix_cache_hits_every_block_that_was_there_before(
    shared: Path, trace: str, ideal: float
) -> None:
    path = shared / "real" / "traces" / f"mooncake_{trace}_trace.jsonl.gz"
    macro = MACROS.read_text(encoding="utf-8") + "{{ seen_before('block', 'request, place') }}"
    is_hit = Environment(autoescape=False).from_string(macro).render()  # noqa: S701 - SQL, no page
    ((hits, blocks),) = duckdb.execute(
        f"""
        with requests as (
            select row_number() over () as request, hash_ids from read_json($path)
        ),
        blocks as (
            select request, unnest(hash_ids) as block, generate_subscripts(hash_ids, 1) as place
            from requests
        )
        select count(*) filter (where is_hit), count(*) from (select {is_hit} as is_hit from blocks)
        """,
        {"path": str(path)},
    ).fetchall()
    assert round(hits / blocks, 6) == ideal
