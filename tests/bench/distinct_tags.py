"""Millions of distinct tags: callers write run ids and e-mail addresses into fields meant for few.

Every call of a LiteLLM log names a label and a feature of its own, and the bill is split over all
of them. Landing and building take bounded memory, and every value stays what it was.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tests.bench.measure import Promises, run
from tests.incremental.arrivals import FIRST_DAY, costs
from tests.support.warehouse import Workspace

CALLS = 3_000_000
DAYS = 10
FIRST = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
SETTINGS = """
format = "litellm"
[attribution]
feature = { path = "request_tags", tag = "feature" }
[labels]
run = { path = "request_tags", tag = "run" }
"""


def measure(folder: Path, promises: Promises) -> None:
    """Print what landing and building so many distinct tags takes."""
    root = folder / "distinct-tags"
    write_log(root / "inbox" / "gateway" / "log.jsonl", CALLS)
    print(f"A log of {CALLS:,} calls, each with a feature and a label of its own")
    for step, most_mb in (("land", 1500), ("build", 3000)):
        took = run("-m", __name__, step, str(root))
        print(f"  {step:5} {took}")
        promises.promise(
            f"{step} in {took.peak_mb:.0f} MB (under {most_mb})", took.peak_mb < most_mb
        )


def write_log(target: Path, calls: int) -> None:
    """Write the log with DuckDB, which is faster than any loop."""
    target.parent.mkdir(parents=True, exist_ok=True)
    seconds = int(timedelta(DAYS).total_seconds())
    with duckdb.connect() as con:
        con.execute(f"""
            copy (
                select 'r' || i as id, 'c' || i as litellm_call_id, 'acompletion' as call_type,
                    'success' as status, 'openai/gpt-4.1' as model, 'openai' as custom_llm_provider,
                    {FIRST.timestamp():.0f} + i * {seconds} // {calls} as "startTime",
                    {FIRST.timestamp():.0f} + i * {seconds} // {calls} + 1 as "endTime",
                    100 as prompt_tokens, 10 as completion_tokens, 0.00028 as response_cost,
                    ['feature:f' || i, 'run:' || md5(i::varchar), 'User-Agent: OpenAI']
                        as request_tags
                from range({calls}) as t (i)
            ) to '{target}' (format json)
        """)


def configured(root: Path) -> Workspace:
    workspace = Workspace(root)
    workspace.configure("gateway", SETTINGS)
    workspace.configure("openai", 'format = "openai"\n')
    return workspace


if __name__ == "__main__":
    step, chosen = sys.argv[1], configured(Path(sys.argv[2]))
    if step == "land":
        chosen.drop("openai", "costs.json", costs(0, DAYS - 1, 0, "2026-09-01T00:00:00Z"))
        for report in chosen.land():
            assert not report.rows_quarantined + len(report.failed), report
    else:
        chosen.build(tests=False, engine="prepared")
