"""Tags that differ in every call neither stop a run nor grow its memory; see `tests.bench`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.bench import distinct_tags
from tests.bench.measure import run

CALLS = 300_000


@pytest.mark.slow
def test_a_feature_and_a_label_of_its_own_for_every_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distinct_tags.write_log(tmp_path / "inbox" / "gateway" / "log.jsonl", CALLS)
    landed = run("-m", "tests.bench.distinct_tags", "land", str(tmp_path))
    # too little for it: what does not fit goes to disk, model after model
    monkeypatch.setenv("OUTLAY_MEMORY", "550MB")
    built = run("-m", "tests.bench.distinct_tags", "build", str(tmp_path))
    # measured: 550 and 770 MB, of which dbt itself takes 300
    assert (landed.peak_mb < 1000, built.peak_mb < 1100) == (True, True), (landed, built)
    workspace = distinct_tags.configured(tmp_path)
    assert workspace.query(
        "select count(*), count(distinct feature), count(distinct labels) from marts.fct_calls"
    ) == [(CALLS, CALLS, CALLS)]
    # seven days at 0.020 to 0.026 and three more are split over thirty thousand features each
    assert workspace.query(
        "select line, sum(charge_usd), count(distinct feature) from marts.fct_allocations"
        " group by line order by line"
    ) == [("no matching calls", Decimal("0.08"), 0), ("usage", Decimal("0.224"), CALLS)]
