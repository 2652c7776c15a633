"""The anomaly detector on hourly series of anybody, scored against labels where there are some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.backtest.drivers import find_drivers
from pipelines.backtest.series import load_series
from pipelines.dbt_models.plain_macros import macros, variables

KEYS = ["series", "measure"]

DETECTOR = (
    "money/measures", "money/logarithms", "guardrails/usual", "guardrails/burn",
    "guardrails/alerts", "guardrails/episodes",
)  # fmt: skip
"""Macros of the models that find incidents."""

SLACK_HOURS = 2
"""Hours after a label's end in which a first alert still is of it: windows look back."""


@dataclass(frozen=True)
class Episode:
    """Alerts of one series that follow each other.

    Attributes:
        started_at: hour in which the excess began; detected_at: of the first alert.
        measures: what was off: `spend`, `unit_cost`.
        kind: of the label in which it was detected; None: a false one, where there are labels.
        driver: what moved; None where the file does not say what spend is made of.
        owner: who acts on it; None without owners, or without a driver.
    """

    series: str
    started_at: datetime
    detected_at: datetime
    last_at: datetime
    measures: str
    actual_usd: Decimal
    usual_usd: Decimal
    excess_usd: Decimal
    kind: str | None
    driver: str | None
    owner: str | None


@dataclass(frozen=True)
class KindScore:
    """How many labels of a kind were found, after how many hours (median), with whose owner."""

    kind: str
    labels: int
    found: int
    median_delay_hours: float | None
    owner_right: float | None


@dataclass(frozen=True)
class Score:
    """Episodes against labels.

    Attributes:
        left_out: labels that cost less than the floor: no detector is asked for them.
        runaway_delay_hours: median over the kinds whose name holds `runaway`.
        owner_right: of the found labels that name an owner, the share whose first episode does so
            too; None where none does.
    """

    series_weeks: float
    episodes: int
    true_episodes: int
    labels: int
    found: int
    left_out: int
    runaway_delay_hours: float | None
    owner_right: float | None

    @property
    def precision(self) -> float | None:
        """Share of the episodes that are of a label."""
        return self.true_episodes / self.episodes if self.episodes else None

    @property
    def recall(self) -> float | None:
        """Share of the labels that were found."""
        return self.found / self.labels if self.labels else None

    @property
    def false_per_series_week(self) -> float | None:
        """Episodes of no label, by week of one series."""
        return (self.episodes - self.true_episodes) / self.series_weeks


@dataclass(frozen=True)
class Backtest:
    """What a backtest found; without labels there is no score."""

    episodes: Sequence[Episode]
    score: Score | None
    kinds: Sequence[KindScore]


def backtest_anomalies(
    series: Path,
    events: Path | None,
    labels: Path | None,
    floor_usd: Decimal,
    owners: Path | None = None,
) -> Backtest:
    """Run the detector of the models over a file of hourly series.

    Args:
        series: CSV of `series, hour, usd`, and `tasks` where the unit cost is to be watched too;
            with calls, tokens and tools, incidents have a driver.
        events: CSV of `series, start, end, uplift`; an empty series is all of them.
        labels: CSV of `series, start, end, kind`, and `excess_usd` and `owner` where known.
        floor_usd: excess of 24 hours below which nothing is an incident.
        owners: as `config/owners.csv`, its features being series.

    Raises:
        ConfigError: a file cannot be read; names it, the place and the cure.
    """
    with duckdb.connect() as con:
        load_series(con, series, events, labels)
        detect(con, floor_usd)
        _match(con, floor_usd)
        find_drivers(con, owners)
        episodes = con.execute(
            "select series, started_at, detected_at, last_at, measures, actual_usd, usual_usd,"
            " excess_usd, kind, driver, owner from matched left join driven using (series, number)"
            " order by series, detected_at"
        ).fetchall()
        found = [Episode(*row) for row in episodes]
        if labels is None:
            return Backtest(found, None, [])
        return Backtest(found, _score(con, found), _kinds(con))


def detect(con: duckdb.DuckDBPyConnection, floor_usd: Decimal) -> None:
    """From `signals`, make `burn`, `alerts` and, by series and measure, `episodes`."""
    made, settings = macros(*DETECTOR), variables()
    windows, gap = settings["incident_windows"], settings["incident_gap_hours"]
    con.execute(f"create table burn as {made.burn_select('signals', KEYS, windows)}")
    alerts = made.burn_alerts_select(
        "burn", KEYS, windows, settings["incident_unit_score"], floor_usd
    )
    con.execute(f"create table alerts as {alerts}")
    episodes = made.episodes_select("alerts", "burn", KEYS, windows, gap)
    con.execute(f"create table episodes as {episodes}")


def _match(con: duckdb.DuckDBPyConnection, floor_usd: Decimal) -> None:
    """Join episodes of a series that overlap, whatever they measure, and find their labels."""
    con.execute(
        """
        create table joined as
        with marked as (
            select *, coalesce(detected_at > max(last_alert_at) over (
                partition by series order by detected_at, measure
                rows between unbounded preceding and 1 preceding
            ) + to_hours($gap), true) as is_first
            from episodes
        ),
        numbered as (
            select *, count(*) filter (where is_first) over (
                partition by series order by detected_at, measure
                rows between unbounded preceding and current row
            ) as number
            from marked
        )
        select series, number, min(detected_at) as detected_at,
            string_agg(distinct measure, ' ' order by measure) as measures,
            arg_max(started_at, excess_usd) as started_at, arg_max(last_at, excess_usd) as last_at,
            arg_max(actual_usd, excess_usd) as actual_usd,
            arg_max(usual_usd, excess_usd) as usual_usd, max(excess_usd) as excess_usd
        from numbered group by all
        """,
        {"gap": variables()["incident_gap_hours"]},
    )
    con.execute(
        """
        create table weighed as
        select *, coalesce(excess_usd, $floor) >= $floor as counts from labels
        """,
        {"floor": floor_usd},
    )
    con.execute(
        """
        create table hits as
        select joined.number, joined.detected_at, weighed.*
        from joined inner join weighed on joined.series = weighed.series
            and joined.detected_at >= weighed.start
            and joined.detected_at < weighed."end" + to_hours($slack)
        """,
        {"slack": SLACK_HOURS},
    )
    con.execute(
        """
        create table matched as
        select joined.*, first.kind from joined left join (
            select series, number, arg_min(kind, start) as kind from hits group by all
        ) as first using (series, number)
        """
    )


def _score(con: duckdb.DuckDBPyConnection, episodes: Sequence[Episode]) -> Score:
    ((weeks,),) = con.execute(
        "select count(*) / 168 from signals where measure = 'spend' and actual_usd is not null"
    ).fetchall()
    ((labels, left_out),) = con.execute(
        "select count(*) filter (counts), count(*) filter (not counts) from weighed"
    ).fetchall()
    con.execute(
        "create table first_alerts as select series, kind, start, min(detected_at) as detected_at,"
        " arg_min((driven.owner = hits.owner)::int, detected_at) as owner_right"
        " from hits left join driven using (series, number) where counts group by all"
    )
    ((found, delay, owner_right),) = con.execute(
        "select count(*), median(datediff('hour', start, detected_at))"
        " filter (contains(kind, 'runaway')), avg(owner_right) from first_alerts"
    ).fetchall()
    true = sum(episode.kind is not None for episode in episodes)
    return Score(weeks, len(episodes), true, labels, found, left_out, delay, owner_right)


def _kinds(con: duckdb.DuckDBPyConnection) -> list[KindScore]:
    rows = con.execute(
        "select weighed.kind, count(*), count(first.detected_at),"
        " median(datediff('hour', weighed.start, first.detected_at)), avg(owner_right)"
        " from weighed left join first_alerts as first using (series, kind, start)"
        " where weighed.counts group by 1 order by 1"
    ).fetchall()
    return [KindScore(*row) for row in rows]
