"""`outlay reprice`: past days at other prices, beside the estimate that stands.

The days are built anew in a shadow, with the very same models, and both estimates are kept.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.errors import ConfigError, OutlayError
from ingest.prices.history import book_known_on
from ingest.prices.overrides import PRICES, Override
from pipelines.config_history.ledger import facts_of
from pipelines.config_history.promotion import finish_promotion
from pipelines.config_history.repricings import Repricing, keep, show_repricings
from pipelines.config_history.shadow_folder import Shadow
from pipelines.run.publish import publish
from pipelines.run.up_to_date import require_up_to_date
from pipelines.scenarios.comparison import (
    ESTIMATE,
    Difference,
    compare,
    side_by_side,
    summary,
    write_csv,
)
from pipelines.scenarios.price_files import PriceFile
from pipelines.scenarios.shadow import build, prepare, reporting_span, reporting_time
from pipelines.workspace.clock import new_id, now
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress

_PRICES = "prices.csv"
_FOLDER = ".repricing"
"""Of the shadow that a repricing builds; no user's shadow can be called so."""


@dataclass(frozen=True)
class RepricingResult:
    """A repricing that was made.

    Attributes:
        repricing: what it was about.
        differences: estimate by month and team.
        csv: every difference by month and all dimensions.
        left_out: prices of `config/prices.csv` that hold in these days and did not count, because
            the file in its place does not state them.
    """

    repricing: Repricing
    differences: Sequence[Difference]
    csv: Path
    left_out: Sequence[Override] = ()


def reprice(
    workspace: Workspace,
    first: date,
    last: date,
    progress: Progress,
    *,
    known_on: date | None = None,
    prices: Path | None = None,
    is_added: bool = False,
) -> RepricingResult:
    """Price the calls of a range of days again, keep both estimates, and publish them.

    Args:
        workspace: whose calls.
        first: first day of the reporting calendar.
        last: last day, inclusive.
        progress: told about models.
        known_on: price with what the workspace knew at the end of that day, UTC.
        prices: price with this file in the place of `config/prices.csv`.
        is_added: price with both, the file's prices first.

    Raises:
        OutlayError: neither or both ways are given, or the warehouse is not current.
        ConfigError: a row of the price file is wrong.
        LockedError: a run is under way.
    """
    if (known_on is None) == (prices is None):
        raise OutlayError("say which prices: --as-known-on DATE, or --prices FILE")
    if is_added and prices is None:
        raise OutlayError("--add adds the prices of a file: name it with --prices FILE")
    if last < first:
        raise OutlayError(f"--to {last} lies before --from {first}; swap them")
    if prices and not prices.is_file():
        raise ConfigError(str(prices), "file", "there is no such file of prices")
    shadow = Shadow(workspace.root, _FOLDER)
    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        settings, sources = load_workspace(workspace)
        version = require_up_to_date(workspace, settings)
        given = PriceFile.read(prices, workspace.prices_csv) if prices else None
        candidates = {_PRICES: prices} if prices else {}
        prepare(shadow, candidates)
        if given and is_added:
            given.write_added(shadow.config / _PRICES)
        book = _as_known(workspace, shadow, known_on) if known_on else None
        span = reporting_span(first, last, settings)
        build(shadow, candidates, sources, [ESTIMATE.mart], span, progress, book)
        moment = now()
        words = _in_words(known_on, prices, is_added)
        made = Repricing(new_id(moment), moment, first, last, words, version)
        repriced = _compare(workspace, shadow, made)
        shutil.rmtree(shadow.folder)
        with duckdb.connect(str(workspace.warehouse)) as con:
            show_repricings(con, workspace)
        publish(workspace.warehouse, workspace.showback)
    if given is None or is_added:
        return repriced
    start, end = (
        moment.astimezone(UTC).replace(tzinfo=None)
        for moment in reporting_time(first, last, settings)
    )
    return replace(repriced, left_out=given.left_out(start, end))


def _as_known(workspace: Workspace, shadow: Shadow, known_on: date) -> pa.Table:
    """The book of that day; the shadow gets the workspace's own prices of then.

    They say which names have a price of their own; the prices themselves are in the book.
    """
    until = datetime.combine(known_on + timedelta(days=1), time(0))
    book = book_known_on(workspace.books, until)
    rows = [json.loads(fact) for fact in facts_of(workspace, f"config/{_PRICES}", until)]
    with (shadow.config / _PRICES).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, (*PRICES.header, *PRICES.optional))
        writer.writeheader()
        writer.writerows(rows)
    return book


def _in_words(known_on: date | None, prices: Path | None, is_added: bool) -> str:
    if prices:
        before = f" before config/{_PRICES}" if is_added else ""
        return f"{prices.name} (sha256 {sha256(prices.read_bytes()).hexdigest()[:16]}){before}"
    return f"as known on {known_on}"


def _compare(workspace: Workspace, shadow: Shadow, made: Repricing) -> RepricingResult:
    """Compare, keep the prices and both estimates, and write the CSV."""
    with side_by_side(workspace.warehouse, shadow.warehouse) as con:
        compare(con, [ESTIMATE], made.first_day, made.last_day)
        target = keep(
            workspace, made, con, shadow.config / _PRICES, lambda file: write_csv(con, file)
        )
        differences = summary(con, ESTIMATE, ["team"])
    return RepricingResult(made, differences, target)
