"""Forecasts of anybody's series: against an independent computation, then on generated series."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from ingest.errors import ConfigError
from pipelines.backtest.forecasts import METHODS, backtest_forecast, forecast, shape_of
from pipelines.backtest.series import load_series
from tests.pipelines.conftest import outlay

FIRST = datetime(2026, 8, 3)
DAY_SHAPE = (
    0.25, 0.2, 0.18, 0.17, 0.2, 0.3, 0.5, 0.9, 1.4, 1.8, 2.0, 2.1,
    1.9, 1.9, 2.0, 1.9, 1.7, 1.4, 1.1, 0.9, 0.7, 0.55, 0.45, 0.35,
)  # fmt: skip
WEEK_SHAPE = (1.1, 1.15, 1.15, 1.1, 1.05, 0.7, 0.65)


def written(path: Path, series: dict[str, Sequence[float]], left_out: Iterable[int] = ()) -> Path:
    rows = [
        f"{name},{(FIRST + timedelta(hours=n)).isoformat()},{usd:.6f}"
        for name, hours in series.items()
        for n, usd in enumerate(hours)
        if n not in left_out
    ]
    path.write_text("\n".join(["series,hour,usd", *rows]) + "\n")
    return path


def generated(seed: int, weeks: int) -> list[float]:
    """A trend, a day and a week, shifts of level, and noise that the next hours share."""
    dice = random.Random(f"forecast-{seed}")
    hours = weeks * 168
    growth = dice.choice((-0.01, 0, 0.02, 0.04))
    day_power, week_power, turn = dice.uniform(0.4, 1.3), dice.uniform(0, 2), dice.randrange(24)
    carried, noise, jitter = (
        dice.uniform(0.6, 0.98),
        dice.uniform(0.02, 0.1),
        dice.uniform(0.02, 0.2),
    )
    shifts = {dice.randrange(hours): dice.gauss(0, 0.3) for _ in range(dice.choice((0, 1, 2, 3)))}
    level = dice.uniform(-1, 4)
    off, made = 0.0, []
    for hour in range(hours):
        off = carried * off + dice.gauss(0, noise)
        level += shifts.get(hour, 0)
        shape = (
            DAY_SHAPE[(hour + turn) % 24] ** day_power
            * WEEK_SHAPE[hour // 24 % 7] ** week_power
            * (1 + growth) ** (hour / 168)
        )
        made.append(shape * math.exp(level + off + dice.gauss(0, jitter)))
    return made


def forecasts(path: Path, method: str, horizon: int = 48) -> dict[tuple[int, int], dict[str, Any]]:
    """What a column of forecasts says, by origin and step ahead."""
    with duckdb.connect() as con:
        load_series(con, path, None, None)
        con.execute(
            "create table points as select series, actual_usd as usd,"
            " datediff('hour', max(utc_hour) over (partition by series), utc_hour) as step"
            " from signals where measure = 'spend'"
        )
        forecast(con, shape_of(horizon, 24), horizon, [method])
        found = con.execute(f"select * from {method}_forecasts")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return {(row["origin"], row["ahead"]): row for row in rows}


def expected_at(usd: Sequence[float], origin: int, shape: dict[str, Any]) -> dict[str, Any]:
    """The three methods of one origin (a place in the series), in numpy; 48 hours each."""
    season = 24
    data = np.array(usd)

    def lag_of(lag: Sequence[int], block: int) -> int:
        return season * (lag[0] + lag[1] * ((block - 1) // lag[1]))

    def block_of(at: int, block: int) -> tuple[Any, Any]:
        ahead = np.arange(season * (block - 1) + 1, season * block + 1)
        naive = data[at + ahead - season * block]
        lags = [
            data[at + ahead - lag_of(lag, block)] - naive
            if at + ahead[0] - lag_of(lag, block) >= 0
            else np.zeros(season)
            for lag in shape["lags"]
        ]
        last_move = (data[at] - data[at - season]) * np.exp(-2 * ahead / season)
        move = data[at - season + 1 : at + 1].mean() - (
            data[at - 2 * season + 1 : at - season + 1].mean()
        )
        return naive, np.stack([*lags, last_move, np.full(season, move)], axis=1)

    made: dict[str, list[float]] = {method: [] for method in METHODS[:3]}
    for block in (1, 2):
        fits = [
            (block_of(at, block), data[at + season * (block - 1) + 1 : at + season * block + 1])
            for at in range(origin - season * block, 2 * season - 2, -season)
            if at + season * block >= origin - shape["fit"] * season
        ]
        x = np.concatenate([moved for (_, moved), _ in fits])
        missed = np.concatenate([truth - naive for (naive, _), truth in fits])
        # a penalty of each lag's own variance is so many more rows, each of one lag and no miss
        penalty = np.diag(np.sqrt(shape["penalty"] * (x**2).sum(axis=0)))
        weights = np.linalg.lstsq(
            np.concatenate([x, penalty]), np.concatenate([missed, np.zeros(x.shape[1])]), rcond=None
        )[0]
        naive, moved = block_of(origin, block)
        made["naive"].extend(naive)
        made["ridge"].extend(np.maximum(naive + moved @ weights, 0))
        ahead = np.arange(season * (block - 1) + 1, season * block + 1)
        weeks = [data[origin + ahead - lag_of(lag, block)] for lag in shape["profile"]]
        newest, usual = (data[origin - n * season + 1 : origin + 1].mean() for n in shape["level"])
        made["profile"].extend(np.mean(weeks, axis=0) * newest / usual)
    return made


def test_the_three_methods_equal_an_independent_computation(tmp_path: Path) -> None:
    usd = generated(1, 9)
    path = written(tmp_path / "h.csv", {"s": usd})
    found = forecasts(path, "chosen")
    shape = shape_of(48, 24)
    for origin in (-48, -72, -480):
        expected = expected_at([round(x, 6) for x in usd], len(usd) - 1 + origin, shape)
        for method, values in expected.items():
            ours = [found[origin, ahead][method] for ahead in range(1, 49)]
            assert ours == pytest.approx(values, rel=1e-6), (method, origin)


def test_an_interval_is_the_conformal_quantile_of_earlier_misses(tmp_path: Path) -> None:
    """Rank 0.8 (n + 1) of n misses in units of half the forecast and level, between two."""
    found = forecasts(written(tmp_path / "h.csv", {"s": generated(2, 9)}), "profile")
    for ahead in (1, 30, 48):
        block = (ahead - 1) // 24 + 1
        before = [
            row for (origin, step), row in found.items()
            if step == ahead and origin + 24 * block <= -48
        ]  # fmt: skip
        before = sorted(before, key=lambda row: row["origin"])[-57:]
        for column in ("distance", "sum_distance"):
            of_sum = column == "sum_distance"

            def breadth(row: dict[str, Any], of_sum: bool = of_sum) -> float:
                return row["forecast_sum"] if of_sum else (row["profile"] + row["newest_level"]) / 2

            misses = []
            for row in before:
                known = [found[row["origin"], n]["known"] for n in range(1, ahead + 1)]
                error = (
                    sum(known) - row["forecast_sum"] if of_sum else row["known"] - row["profile"]
                )
                misses.append(abs(error) / breadth(row))
            misses.sort()
            rank = 0.8 * (len(misses) + 1)
            low, high = misses[math.floor(rank) - 1], misses[math.ceil(rank) - 1]
            now = found[-48, ahead]
            expected = (low + (rank % 1) * (high - low)) * breadth(now)
            assert now[column] == pytest.approx(expected, rel=1e-9), (ahead, column)


def test_a_constant_series_is_forecast_without_error(tmp_path: Path) -> None:
    found = backtest_forecast(written(tmp_path / "h.csv", {"s": [2.0] * 24 * 40}), 48, 24, 1)
    assert [(x.method, x.backtest_error, x.coverage) for x in found.series] == [("naive", 0, 1)]
    assert found.series[0].mase is None  # it never moved: there is no scale


def test_a_forecast_does_not_change_when_what_comes_after_does(tmp_path: Path) -> None:
    usd = generated(3, 8)
    path = written(tmp_path / "a.csv", {"s": usd})
    changed = written(tmp_path / "b.csv", {"s": usd[:-72] + [99.0] * 72})
    before, after = (forecasts(file, "chosen") for file in (path, changed))
    columns = ("naive", "profile", "ridge", "error_ratio", "chosen", "distance", "sum_distance")
    seen = [key for key in before if key[0] <= -72]
    assert len(seen) > 48 * 20
    for key in seen:
        assert after[key]["method"] == before[key]["method"]
        for column in columns:
            if before[key][column] is None:
                assert after[key][column] is None
            else:
                assert after[key][column] == pytest.approx(before[key][column], rel=1e-9), key


def test_a_missing_hour_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    usd = [1 + (n % 24) / 24 for n in range(24 * 40)]
    gap = range(24 * 39 - 36, 24 * 39 - 24)
    found = forecasts(written(tmp_path / "h.csv", {"s": usd}, gap), "naive")
    assert {row["known"] for row in found.values() if row["origin"] == -96} >= {None}
    for ahead in range(1, 49):
        assert found[-48, ahead]["naive"] == pytest.approx(1 + ((ahead - 1) % 24) / 24, abs=1e-6)


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirteen weeks of series whose seeds nothing was tuned on."""
    series = {f"s{seed}": generated(seed, 14) for seed in range(101, 141)}
    return written(tmp_path_factory.mktemp("forecast") / "hours.csv", series)


@pytest.mark.slow
def test_the_choice_is_as_good_as_the_best_method_and_its_interval_holds(unseen: Path) -> None:
    """Of a week of origins after twelve weeks of history, 48 hours from each."""
    scores = {score.method: score for score in backtest_forecast(unseen, 48, 24, 7).methods}
    chosen = scores.pop("chosen")
    best = min(score.mase or math.inf for score in scores.values())
    assert chosen.series == 40
    assert chosen.mase is not None
    assert chosen.mase <= 1.05 * best
    assert chosen.mase <= 0.8 * (scores["naive"].mase or 0)
    assert chosen.coverage is not None
    assert 0.77 <= chosen.coverage <= 0.83


def test_the_command_prints_series_and_methods_as_json(tmp_path: Path) -> None:
    path = written(tmp_path / "h.csv", {"b": generated(4, 6), "a": generated(5, 6)})
    result = outlay("backtest", "forecast", "--series", path, "--horizon", 48, "--season", 24,
                    "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    records = json.loads(result.stdout)
    assert [(r["table"], r.get("method", "")) for r in records[2:]] == [
        ("methods", method) for method in METHODS
    ]
    assert [r["series"] for r in records[:2]] == ["a", "b"]
    assert records[0]["method"] in METHODS[:3]
    chosen = [r["mase"] for r in records[:2]]
    assert records[-1]["mase"] == pytest.approx(sum(chosen) / 2)


def test_a_series_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "h.csv", {"s": [1.0] * 70})
    with pytest.raises(ConfigError, match="more than 96 is needed"):
        backtest_forecast(path, 48, 24, 1)


def test_a_planned_event_is_forecast_as_its_uplift_and_teaches_nothing_of_other_days(
    tmp_path: Path,
) -> None:
    """A day like any other, doubled once in the past and once at the end: nothing is off."""
    hours = [DAY_SHAPE[n % 24] for n in range(60 * 24)]
    doubled = [*range(50 * 24, 51 * 24), *range(59 * 24, 60 * 24)]
    for n in doubled:
        hours[n] *= 2
    series = written(tmp_path / "hours.csv", {"one": hours})
    events = tmp_path / "events.csv"
    days = [FIRST + timedelta(hours=n) for n in (doubled[0], doubled[24])]
    events.write_text(
        "series,start,end,uplift\n"
        + "".join(f",{day.isoformat()},{(day + timedelta(days=1)).isoformat()},2\n" for day in days)
    )
    result = outlay("backtest", "forecast", "--series", series, "--events", events, "--json")
    assert result.exit_code == 0, result.output
    for line in json.loads(result.stdout):
        if line.get("method") in METHODS and line.get("mase") is not None:
            assert line["mase"] == pytest.approx(0, abs=1e-6), line
    blind = backtest_forecast(series, 48, 24, 1)
    # half of the 48 hours are off by half of what they were
    assert all(score.mase is None or score.mase > 0.1 for score in blind.methods)
    seen = backtest_forecast(series, 48, 24, 1, events)
    assert [score.coverage for score in seen.methods] == [1.0] * len(METHODS)
