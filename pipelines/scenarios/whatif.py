"""`outlay whatif`: the calls of past days under another model, price, cache rate or step cap.

Prices are asked of the very same models, in a shadow whose price book is another one; tokens, calls
and successes stay as they were. What a scenario cannot price stays as it was, and is counted.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb

from ingest.errors import OutlayError, nearest
from ingest.prices.history import book_known_on
from pipelines.config_history.promotion import finish_promotion
from pipelines.config_history.shadow_folder import Shadow
from pipelines.queries.cost_bridge import Period
from pipelines.queries.status import open_showback
from pipelines.run.up_to_date import require_up_to_date
from pipelines.scenarios.comparison import side_by_side
from pipelines.scenarios.next_days import next_days
from pipelines.scenarios.price_changes import (
    PriceChanges,
    cards_of,
    changed_book,
    number,
    parse_factors,
)
from pipelines.scenarios.replay import ReplayedDay, replay_calls, replay_capped
from pipelines.scenarios.shadow import build, prepare, reporting_span
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress

DAYS = 28
"""Days that are replayed when nobody says which: four of each weekday."""

_FOLDER = ".whatif"
"""Of the shadow that a scenario builds; no user's shadow can be called so."""

_EVERY_MODEL = ""


@dataclass(frozen=True)
class Scenario:
    """What is to be different.

    Attributes:
        prices: of the price book.
        cache_ratios: model, or "" for every other, and the share of input tokens that its prefix
            cache is to read.
        step_cap: steps after which a task ends; None for no cap. It stands alone.
    """

    prices: PriceChanges = field(default_factory=PriceChanges)
    cache_ratios: Mapping[str, Decimal] = field(default_factory=dict)
    step_cap: int | None = None

    def in_words(self) -> str:
        """As a person says it.

        Raises:
            OutlayError: nothing is asked, or a cap beside something else.
        """
        calls = [
            *self.prices.in_words(),
            *(
                f"{model or 'every model'} reading {ratio:.0%} of its input from the prefix cache"
                for model, ratio in self.cache_ratios.items()
            ),
        ]
        if self.step_cap is not None:
            if calls:
                raise OutlayError(
                    "--step-cap stands alone: it is about tasks, the rest about calls"
                )
            return f"at most {self.step_cap} steps a task"
        if not calls:
            raise OutlayError(
                "say what is to be different: --model, --price, --prices-on, --cache-ratio or"
                " --step-cap"
            )
        return ", ".join(calls)


def parse_cache_ratios(written: Sequence[str]) -> dict[str, Decimal]:
    """Read `MODEL=SHARE`, or `SHARE` for every model that none names.

    Raises:
        OutlayError: a share is no number from 0 to 1, or a model has two.
    """
    option = "--cache-ratio"
    plain = [share for share in written if "=" not in share]
    if len(plain) > 1:
        raise OutlayError(f"{option} states two shares of every model: {', '.join(plain)}")
    of_models = parse_factors(option, "gpt-5.1=0.6", (pair for pair in written if "=" in pair))
    for share in plain:
        of_models[_EVERY_MODEL] = number(option, share)
    for stated in of_models.values():
        if stated > 1:
            raise OutlayError(f"{option}: {stated} is no share: write a number from 0 to 1")
    return of_models


@dataclass(frozen=True)
class WhatIfLine:
    """One feature, or all, in the days that are replayed.

    Attributes:
        feature: None for all of them.
        calls: attempts of every kind.
        actual_usd: what the calls with a price cost.
        whatif_usd: what they would have cost; those that cannot be judged as they did.
        difference_usd: that less the actual cost.
        low_usd, high_usd: 80 % range of as many days to come; None with too few days.
        unjudged_ratio: share of the actual cost that the scenario cannot price; None without cost.
        unpriced_calls: calls without a price today; they are in no sum.
        lost_successes: successes beyond a cap; None without one.
    """

    feature: str | None
    calls: int
    actual_usd: Decimal
    whatif_usd: Decimal
    difference_usd: Decimal
    low_usd: Decimal | None
    high_usd: Decimal | None
    unjudged_ratio: float | None
    unpriced_calls: int
    lost_successes: int | None


@dataclass(frozen=True)
class WhatIf:
    """A scenario's answer.

    Attributes:
        words: the scenario.
        period: the days.
        lines: the features by actual cost, then all.
    """

    words: str
    period: Period
    lines: Sequence[WhatIfLine]


def what_if(
    workspace: Workspace,
    scenario: Scenario,
    period: Period | None,
    feature: str | None,
    progress: Progress,
) -> WhatIf:
    """Replay days under a scenario.

    Args:
        workspace: whose calls.
        scenario: what is different.
        period: in the reporting calendar; None: the `DAYS` days before the newest day of calls,
            which may not be whole.
        feature: only its calls; None for all.
        progress: told about models.

    Raises:
        NothingPublishedError: no run has published yet.
        NotUpToDateError: the warehouse is not current.
        OutlayError: the scenario names what is not there, or no call is in the days.
        LockedError: a run is under way.
    """
    words = scenario.in_words()
    with open_showback(workspace) as con:
        period = period or _newest_days(con)
        about = _about(con, period, feature)
        if scenario.step_cap is not None:
            capped = replay_capped(con, about, scenario.step_cap)
            return WhatIf(words, period, _lines(capped, period))
        used = _cards_in_use(con, about)
    for model in scenario.cache_ratios:
        if model != _EVERY_MODEL:
            cards_of(model, used)
    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        settings, sources = load_workspace(workspace)
        require_up_to_date(workspace, settings)
        if scenario.prices:
            book = changed_book(book_known_on(workspace.books, datetime.max), scenario.prices, used)
            shadow = Shadow(workspace.root, _FOLDER)
            prepare(shadow, {})
            span = reporting_span(period.first, period.last, settings)
            build(shadow, {}, sources, ["fct_calls"], span, progress, book)
            with side_by_side(workspace.warehouse, shadow.warehouse) as con:
                replayed = replay_calls(con, about, scenario.cache_ratios, again="new")
            shutil.rmtree(shadow.folder)
        else:
            with side_by_side(workspace.warehouse) as con:
                replayed = replay_calls(con, about, scenario.cache_ratios, again="old")
    return WhatIf(words, period, _lines(replayed, period))


def _newest_days(con: duckdb.DuckDBPyConnection) -> Period:
    ((newest,),) = con.execute("select max(call_date) from marts.fct_usage_daily").fetchall()
    if newest is None:
        raise OutlayError("there is no call yet: drop a log into inbox/ and `outlay run`")
    last = newest - timedelta(days=1)
    return Period(last - timedelta(days=DAYS - 1), last)


def _about(
    con: duckdb.DuckDBPyConnection, period: Period, feature: str | None
) -> dict[str, object]:
    """The days and the feature as parameters of a query."""
    rows = con.execute(
        "select distinct coalesce(feature, 'unattributed') from marts.fct_usage_daily"
        " where call_date between $first and $last",
        {"first": period.first, "last": period.last},
    ).fetchall()
    known = sorted(row[0] for row in rows)
    if not known:
        raise OutlayError(f"no call is of {period}")
    if feature and feature not in known:
        raise OutlayError(f"no call of {period} is of feature {feature!r}{nearest(feature, known)}")
    return {"first": period.first, "last": period.last, "feature": feature}


def _cards_in_use(
    con: duckdb.DuckDBPyConnection, about: Mapping[str, object]
) -> dict[str, list[str]]:
    """Rate cards of the days' calls by model, and by their own name."""
    rows = con.execute(
        "select distinct model_id, price_key from marts.fct_calls where price_key is not null"
        " and call_date between $first and $last"
        " and (cast($feature as varchar) is null or coalesce(feature, 'unattributed') = $feature)"
        " order by all",
        dict(about),
    ).fetchall()
    used: dict[str, list[str]] = {}
    for model, card in rows:
        for name in {model, card}:
            used.setdefault(name, []).append(card)
    return used


def _lines(replayed: Sequence[ReplayedDay], period: Period) -> list[WhatIfLine]:
    """Lines by feature, dearest first, then all of them."""
    if not replayed:
        raise OutlayError(f"no task closed in {period}")
    by_feature: dict[str, list[ReplayedDay]] = {}
    for one in replayed:
        by_feature.setdefault(one.feature, []).append(one)
    lines = [_line(feature, days, period) for feature, days in by_feature.items()]
    lines.sort(key=lambda line: (-line.actual_usd, line.feature or ""))
    return [*lines, _line(None, replayed, period)] if len(lines) > 1 else lines


def _line(feature: str | None, replayed: Sequence[ReplayedDay], period: Period) -> WhatIfLine:
    zero = Decimal(0)
    actual = sum((one.actual_usd for one in replayed), zero)
    whatif = sum((one.whatif_usd for one in replayed), zero)
    unjudged = sum((one.unjudged_usd for one in replayed), zero)
    # a day without a call cost nothing
    spent = [0.0] * ((period.last - period.first).days + 1)
    for one in replayed:
        spent[(one.day - period.first).days] += float(one.whatif_usd)
    reach = next_days(spent)
    low, high = (Decimal(f"{usd:.9f}") for usd in reach) if reach else (None, None)
    lost = [one.lost_successes for one in replayed if one.lost_successes is not None]
    return WhatIfLine(
        feature=feature,
        calls=sum(one.calls for one in replayed),
        actual_usd=actual,
        whatif_usd=whatif,
        difference_usd=whatif - actual,
        low_usd=low,
        high_usd=high,
        unjudged_ratio=float(unjudged / actual) if actual else None,
        unpriced_calls=sum(one.unpriced_calls for one in replayed),
        lost_successes=sum(lost) if lost else None,
    )
