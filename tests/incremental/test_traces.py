"""However a trace is cut into files, and whenever they come, its calls are the same."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.contracts.calls import INHERITED
from tests.conftest import REPOSITORY
from tests.incremental.trace_arrivals import (
    Delivery,
    configured,
    deliver,
    langfuse_files,
    otel_files,
)
from tests.ingest.gateways.langfuse.rows import exported, observation, score, trace
from tests.ingest.gateways.otel.otlp_lines import CHAT, evaluation, line, log_line, span
from tests.support.warehouse import Workspace

SEED = 7
SAMPLES = {
    "genai": "otlp_spans_genai.jsonl",
    "v2": "otlp_spans_v2.jsonl",
    "openinference": "otlp_spans_openinference.jsonl.gz",
}


def samples(shared: Path, parts: int) -> Iterator[Delivery]:
    """Real recordings, cut into files without regard to traces."""
    for name, sample in SAMPLES.items():
        content = (shared / "samples/gateway" / sample).read_bytes()
        whole = gzip.decompress(content) if sample.endswith(".gz") else content
        lines = whole.splitlines(keepends=True)
        for part in range(parts):
            yield name, f"{part}.jsonl", b"".join(lines[part::parts])


def delivered(root: Path, shared: Path, parts: int) -> tuple[Workspace, list[Delivery]]:
    workspace = configured(root)
    for name in SAMPLES:
        workspace.configure(name, 'format = "otel"\n')
    files = [*otel_files(SEED, parts), *langfuse_files(SEED, parts, root), *samples(shared, parts)]
    return workspace, files


@pytest.fixture(scope="module")
def whole(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Everything at once, a file for each source and table."""
    workspace, files = delivered(tmp_path_factory.mktemp("whole"), shared, 1)
    deliver(workspace, files)
    workspace.build()
    return workspace


@pytest.mark.slow
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
def test_halves_that_come_in_two_runs_make_the_warehouse_of_the_whole(
    whole: Workspace, shared: Path, tmp_path: Path, turned: bool
) -> None:
    workspace, files = delivered(tmp_path, shared, 2)
    halves = [[f for f in files if f[1].endswith(("0.jsonl", "10T00-00-00.jsonl"))]]
    halves.append([f for f in files if f not in halves[0]])
    for half in reversed(halves) if turned else halves:
        deliver(workspace, half)
        workspace.build()
    assert workspace.contents() == whole.contents()


@pytest.mark.slow
def test_a_file_a_day_and_one_taken_back_make_the_warehouse_of_a_fresh_build(
    whole: Workspace, shared: Path, tmp_path: Path
) -> None:
    """One file first comes with spans of strangers, which take their children's tenant away."""
    workspace, files = delivered(tmp_path, shared, 3)
    wrong = otel_files(SEED + 1, 3)[0]
    deliver(workspace, [f for f in files if f[1] != "0.jsonl"])
    deliver(workspace, [("otel", "0.jsonl", wrong[2])])
    workspace.build()
    assert workspace.contents() != whole.contents()
    deliver(workspace, files)
    workspace.build()
    assert workspace.contents() == whole.contents()


def test_the_dice_made_what_the_proof_needs(whole: Workspace) -> None:
    """Traces over several days, inherited tenants and tasks, evaluations of them that decide."""
    assert (
        whole.value(
            "select count(*) from (select trace_id from marts.fct_calls where source_name = 'otel'"
            " group by trace_id having count(distinct utc_day) > 1)"
        )
        > 3
    )
    for source in ("otel", "langfuse"):
        assert (
            whole.value(
                "select count(*) from marts.fct_calls as c inner join raw.gateway_calls as r"
                " on r.call_id = c.call_id and r.source_name = c.source_name"
                f" where c.source_name = '{source}' and r.tenant_id is null"
                " and c.tenant_id is not null and r.task_id is null and c.task_id <> c.trace_id"
            )
            > 3
        ), source
        assert (
            whole.value(
                "select count(*) from marts.fct_tasks as t where t.evaluations > 0 and exists ("
                " from marts.fct_calls as c where c.task_id = t.task_id"
                f" and c.source_name = '{source}' and c.task_id <> c.trace_id)"
            )
            > 1
        ), source


def test_the_recordings_have_the_tenants_features_and_sessions_that_were_set(
    whole: Workspace, shared: Path
) -> None:
    """Counted in the raw spans, and stated by the outcomes that were made with them."""
    assert whole.query(
        "select source_name, count(*), count(tenant_id), count(feature) from marts.fct_calls"
        " where source_name in ('genai', 'v2', 'openinference') group by all order by source_name"
    ) == [("genai", 58, 58, 58), ("openinference", 26, 0, 26), ("v2", 65, 65, 0)]
    for name in SAMPLES:
        with (shared / f"samples/gateway/task_outcomes_{name}.csv").open() as stream:
            stated = {row["session_id"]: int(row["llm_calls"]) for row in csv.DictReader(stream)}
        found = dict(whole.query(
            "select session_id, count(*) filter (where operation = 'chat' and status = 'ok')"
            f" from marts.fct_calls where source_name = '{name}' group by session_id"
        ))  # fmt: skip
        assert {session: found[session] for session in stated} == stated, name


def test_a_parent_a_day_late_opens_the_days_of_its_calls_and_no_other(tmp_path: Path) -> None:
    workspace = configured(tmp_path)
    day = 86_400_000_000_000
    start = 1790856000_000000000  # 2026-10-01 12:00 UTC

    def at(days: int) -> dict[str, str]:
        return {"startTimeUnixNano": str(start + days * day),
                "endTimeUnixNano": str(start + days * day + 10**9)}  # fmt: skip

    stranger = "9" * 32
    workspace.drop("otel", "1.jsonl", line(
        span(2, 1, a=CHAT, **at(1)), span(3, 1, a=CHAT | {"gen_ai.response.id": "r3"}, **at(3)),
        span(4, 1, a=CHAT | {"gen_ai.response.id": "r4"}, **at(9)),
        span(5, a=CHAT | {"gen_ai.response.id": "r5"}, traceId=stranger, **at(2)),
    ))  # fmt: skip
    workspace.drop("otel", "logs.jsonl", log_line(
        evaluation("resolved", value=1, at=start + 20 * day, spanId=f"{3:016x}"),
        evaluation("resolved", value=1, at=start + 6 * day, traceId=stranger, spanId=""),
    ))  # fmt: skip
    workspace.build()
    assert workspace.query(
        "select task_id from marts.fct_tasks where status = 'success' order by task_id"
    ) == [
        ("5b8efff798038103d269b633813fc60c",), (stranger,),
    ]  # fmt: skip
    workspace.drop("otel", "2.jsonl", line(span(1, a={
        "gen_ai.operation.name": "invoke_agent", "app.tenant_id": "acme", "app.task_id": "k1",
    }, **at(0))))  # fmt: skip
    changes = workspace.build()
    assert changes.days == (
        date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 4), date(2026, 10, 21),
    )  # fmt: skip
    assert workspace.query(
        "select utc_day, tenant_id, task_id = 'k1' from marts.fct_calls order by utc_day"
    ) == [
        (date(2026, 10, 2), "acme", True), (date(2026, 10, 3), None, False),
        (date(2026, 10, 4), "acme", True),
        # more days after its agent than a trace may last
        (date(2026, 10, 10), None, False),
    ]  # fmt: skip
    assert workspace.query(
        "select task_id, status from marts.fct_tasks order by started_at"
    ) == [
        ("k1", "success"), (stranger, "success"),
        ("5b8efff798038103d269b633813fc60c", "pending"),
    ]  # fmt: skip


def test_what_langfuse_knows_of_a_trace_reaches_observations_and_scores_that_came_before(
    tmp_path: Path,
) -> None:
    """User, session, tags and ticket stand in the trace alone, which is exported last."""
    workspace = configured(tmp_path)

    def put(table: str, window: str, *rows: dict[str, Any]) -> None:
        content = exported(table, list(rows), "jsonl", tmp_path)
        workspace.drop("langfuse", f"p1/{table}/{window}.jsonl", content)

    put("observations", "2026-10-05T11-00-00", observation(metadata={}))
    put("scores", "2026-10-05T12-00-00", score())
    workspace.build()
    seen = "select session_id, feature, task_id, user_id is null from marts.fct_calls"
    assert workspace.query(seen) == [(None, None, "t1", True)]
    assert workspace.query("select task_id, status from marts.fct_tasks") == [("t1", "success")]
    put("traces", "2026-10-06T11-00-00", trace(metadata={"ticket": "T-7"}))
    workspace.build()
    assert workspace.query(seen) == [("s1", "support", "T-7", False)]
    assert workspace.query("select task_id, status from marts.fct_tasks") == [("T-7", "success")]


def test_models_and_contracts_agree_on_what_goes_down_a_trace() -> None:
    text = (REPOSITORY / "dbt_project" / "macros" / "calls" / "traces.sql").read_text()
    listed = text.split("return([")[1].split("])")[0]
    assert tuple(word.strip().strip('"') for word in listed.split(",") if word.strip()) == INHERITED
