"""The detector on anybody's series: worked by hand, then on incidents of unseen seeds."""

from __future__ import annotations

import json
import math
import random
import statistics
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.errors import ConfigError
from ingest.simulator.data_set import data_set
from pipelines.backtest.anomalies import Backtest, backtest_anomalies, detect
from pipelines.backtest.series import load_series
from tests.pipelines.conftest import outlay

pytestmark = pytest.mark.slow

FIRST = datetime(2026, 8, 3)
PLANTED = 24 * 36 + 10
FLOOR = Decimal(1)


def hour(number: int) -> datetime:
    return FIRST + timedelta(hours=number)


def written(
    path: Path, changed: Mapping[int, float], left_out: Iterable[int] = (), days: int = 40
) -> Path:
    """A series of a dollar and two tasks an hour, but for some hours."""
    rows = [
        f"s,{hour(n).isoformat()},{changed.get(n, 1)},2"
        for n in range(24 * days)
        if n not in left_out
    ]
    path.write_text("\n".join(["series,hour,usd,tasks", *rows]) + "\n")
    return path


def scores(series: Path, events: Path | None = None) -> dict[tuple[str, datetime], float]:
    with duckdb.connect() as con:
        load_series(con, series, events, None)
        detect(con, FLOOR)
        return {
            (measure, when): score
            for measure, when, score in con.execute(
                "select measure, utc_hour, score_ratio from alerts"
            ).fetchall()
        }


def test_a_constant_series_alerts_nobody(tmp_path: Path) -> None:
    assert scores(written(tmp_path / "h.csv", {})) == {}


def test_ten_dollars_instead_of_one_score_as_worked_by_hand(tmp_path: Path) -> None:
    """Spend in one hour: ln(10.5 / 1.5) over ln(3) x 1.5; unit cost: the same over ln(3) x 1.25."""
    found = scores(written(tmp_path / "h.csv", {PLANTED: 10}))
    burn = math.log(10.5 / 1.5)
    assert found["spend", hour(PLANTED)] == pytest.approx(burn / (math.log(3) * 1.5))
    assert found["unit_cost", hour(PLANTED)] == pytest.approx(burn / (math.log(3) * 1.25))
    assert min(when for _, when in found) == hour(PLANTED)


def test_burn_ratios_equal_an_independent_computation(tmp_path: Path) -> None:
    """A noisy series with gaps, hour by hour in plain Python, for every window."""
    dice = random.Random(5)
    usd = {n: round(dice.lognormvariate(0, 0.6), 6) for n in range(24 * 36)}
    gaps = {n for n in usd if n % 97 < 3}
    series = written(tmp_path / "h.csv", usd, gaps, days=36)
    with duckdb.connect() as con:
        load_series(con, series, None, None)
        detect(con, FLOOR)
        found = con.execute(
            "select * exclude (series, measure, utc_day, actual_usd, usual_usd, excess_24h_usd,"
            " mean_hour_usd) from burn where measure = 'spend'"
        )
        columns = [column[0] for column in found.description or ()]
        rows = {row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in found.fetchall()}

    def usual(n: int) -> float | None:
        if n in gaps:
            return None
        known = [usd[m] for k in range(1, 5) for j in (-1, 0, 1)
                 if (m := n - 168 * k - j) >= 0 and m not in gaps]  # fmt: skip
        if len(known) >= 6:
            return statistics.median(known)
        known = [usd[m] for d in range(1, 8) if (m := n - 24 * d) >= 0 and m not in gaps]
        return statistics.median(known) if len(known) >= 5 else None

    expected = {n: usual(n) for n in usd}
    checked = 0
    for n in range(24 * 30, 24 * 36):
        if (of_hour := rows.get(hour(n))) is None:
            assert expected[n] is None
            continue
        day = n // 24
        before = [usd[m] for m in range(24 * (day - 28), 24 * day) if m not in gaps]
        for name, ratio in of_hour.items():
            window = int(name.split("_")[1][:-1])
            pairs = [(usd[m], expected[m]) for m in range(n - window + 1, n + 1) if expected[m]]
            pad = 0.5 * statistics.fmean(before) * math.sqrt(window)
            actual, normal = (sum(side) + pad for side in zip(*pairs, strict=True))  # type: ignore[arg-type]
            assert ratio == pytest.approx(math.log(actual / normal), abs=1e-6), (n, name)
            checked += 1
    assert checked > 700


def test_a_score_does_not_change_when_later_data_do(tmp_path: Path) -> None:
    dice = random.Random(3)
    noisy = {n: round(dice.lognormvariate(0, 0.5), 6) for n in range(24 * 40)} | {PLANTED: 60}
    whole = scores(written(tmp_path / "a.csv", noisy))
    for last in (PLANTED, PLANTED + 5):
        later = noisy | dict.fromkeys(range(last + 1, 24 * 40), 500.0)
        for other in (scores(written(tmp_path / "b.csv", noisy, range(last + 1, 24 * 40))),
                      scores(written(tmp_path / "c.csv", later))):  # fmt: skip
            until = {key: score for key, score in other.items() if key[1] <= hour(last)}
            assert until == {key: score for key, score in whole.items() if key[1] <= hour(last)}
            assert until


def test_missing_hours_are_unknown_and_an_event_scales_what_is_usual(tmp_path: Path) -> None:
    assert scores(written(tmp_path / "h.csv", {}, range(PLANTED, PLANTED + 12))) == {}
    busy = dict.fromkeys(range(24 * 36, 24 * 38), 3.0)
    series = tmp_path / "busy.csv"
    rows = [
        f"s,{hour(n).isoformat()},{busy.get(n, 1)},{2 * busy.get(n, 1):.0f}" for n in range(960)
    ]
    series.write_text("\n".join(["series,hour,usd,tasks", *rows]) + "\n")
    events = tmp_path / "e.csv"
    events.write_text(
        f"series,start,end,uplift\n,{hour(24 * 36).isoformat()},{hour(24 * 38).isoformat()},3\n"
    )
    assert {measure for measure, _ in scores(series)} == {"spend"}
    assert scores(series, events) == {}


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> list[Backtest]:
    """Four data sets of seeds that nothing was tuned on."""
    found = []
    for seed in range(101, 105):
        folder = tmp_path_factory.mktemp(f"seed-{seed}")
        data_set(seed).write(folder)
        hours, events, labels, owners = (
            folder / f"{name}.csv" for name in ("hours", "events", "labels", "owners")
        )
        found.append(backtest_anomalies(hours, events, labels, FLOOR, owners))
    return found


def test_incidents_of_unseen_seeds_are_found_and_little_else_is(unseen: list[Backtest]) -> None:
    scored = [found.score for found in unseen if found.score]
    episodes = sum(score.episodes for score in scored)
    true = sum(score.true_episodes for score in scored)
    weeks = sum(score.series_weeks for score in scored)
    assert true / episodes >= 0.90
    assert sum(s.found for s in scored) / sum(s.labels for s in scored) >= 0.87
    assert (episodes - true) / weeks <= 0.02
    assert statistics.median(s.runaway_delay_hours or 0 for s in scored) <= 1


def test_the_owner_of_what_moved_is_right_in_nine_of_ten_incidents(unseen: list[Backtest]) -> None:
    found = [(s.found, s.owner_right) for s in (one.score for one in unseen) if s]
    right = sum(labels * (share or 0) for labels, share in found) / sum(n for n, _ in found)
    assert right >= 0.9
    # no kind is right by another's: each has an owner of its own
    kinds = {kind.kind: kind.owner_right for one in unseen for kind in one.kinds}
    assert len(kinds) == 8
    assert all(share is not None and share > 0.5 for share in kinds.values())


def test_an_episode_has_the_owner_of_the_driver_in_its_series(tmp_path: Path) -> None:
    """Four calls a task, but in one hour forty: loops, of whoever owns them in `s`."""
    rows = [
        f"s,{hour(n).isoformat()},{10 if n == PLANTED else 1},2,{80 if n == PLANTED else 8},0,"
        f"{80_000 if n == PLANTED else 8_000},0,{8_000 if n == PLANTED else 800},0"
        for n in range(960)
    ]
    columns = ("series,hour,usd,tasks,calls,tool_calls,input_tokens,cache_read_tokens,"
               "output_tokens,tool_usd")  # fmt: skip
    series, owners = tmp_path / "h.csv", tmp_path / "o.csv"
    series.write_text("\n".join([columns, *rows]) + "\n")
    owners.write_text("driver,feature,owner,note\nloops,,All,\nany,s,Else,\nloops,s,Bot Team,\n")
    (episode,) = backtest_anomalies(series, None, None, FLOOR, owners).episodes
    assert (episode.driver, episode.owner) == ("loops", "Bot Team")
    owners.write_text("driver,feature,owner,note\nprice,,FinOps,\nany,,Else,\n")
    (episode,) = backtest_anomalies(series, None, None, FLOOR, owners).episodes
    assert (episode.driver, episode.owner) == ("loops", "Else")
    (episode,) = backtest_anomalies(series, None, None, FLOOR).episodes
    assert (episode.driver, episode.owner) == ("loops", None)


def test_a_runaway_during_the_event_and_in_a_new_feature_is_found(unseen: list[Backtest]) -> None:
    kinds = [kind for found in unseen for kind in found.kinds]
    for name in ("event_runaway", "new_runaway"):
        of_kind = [kind for kind in kinds if kind.kind == name]
        assert sum(kind.found for kind in of_kind) / sum(kind.labels for kind in of_kind) >= 0.9


def test_the_command_prints_episodes_and_score_as_json(tmp_path: Path) -> None:
    series = written(tmp_path / "h.csv", {PLANTED: 10})
    labels = tmp_path / "l.csv"
    labels.write_text(
        "series,start,end,kind,excess_usd\n"
        f"s,{hour(PLANTED).isoformat()},{hour(PLANTED + 2).isoformat()},runaway,9\n"
        f"s,{hour(900).isoformat()},{hour(902).isoformat()},runaway,0.5\n"
    )
    result = outlay("backtest", "anomalies", "--series", series, "--labels", labels, "--json")
    assert result.exit_code == 0, result.output
    records = json.loads(result.stdout)
    assert [record["table"] for record in records] == ["episodes", "kinds", "score"]
    episode, kind, score = records
    assert (episode["detected_at"], episode["kind"]) == (hour(PLANTED).isoformat(), "runaway")
    assert Decimal(episode["excess_usd"]) == 9
    assert (kind["labels"], kind["found"], kind["median_delay_hours"]) == (1, 1, 0)
    assert (score["precision"], score["recall"], score["left_out"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("series,hour\na,2026-08-03\n", "column usd: is missing; write series,hour,usd"),
        ("series,hour,usd\na,soon,1\n", "rows: .*soon"),
        ("series,hour,usd\na,2026-08-03,1\na,2026-08-03,2\n", "stands twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "h.csv"
    path.write_text(content)
    with pytest.raises(ConfigError, match=words):
        backtest_anomalies(path, None, None, FLOOR)
