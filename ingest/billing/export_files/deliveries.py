"""What a bill's file was delivered with, when that was made, and what it replaces.

Clouds deliver a month again and again, each time whole, in folders that say so:

- AWS: `BILLING_PERIOD=2026-09/` of a Data Export, `20260901-20261001/` of a legacy report, below it
  a folder per run unless each run overwrites the last; files differ in a chunk number, `-00001`.
- Azure: `20260901-20260930/<run>/part_0_0001.csv`, a `manifest.json` beside it.
- BigQuery: shards of one export, `-000000000000.json`.

Such a run *restates* its billing periods: a newer one replaces all of the older, days that it no
longer has included. A file outside of any run says nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from ingest.billing.export_files.manifests import json_object
from ingest.errors import ConfigError
from ingest.records.format import InputFile, SourceConfig
from ingest.sql import literal

MANIFEST = "manifest.json"

BILLING_PERIOD, DAY, ROWS = "billing_period", "day", "rows"

DATA_EXPORT_FOLDER = re.compile(r"BILLING_PERIOD=\d{4}-\d{2}", re.IGNORECASE)
AWS_FOLDER = re.compile(r"BILLING_PERIOD=\d{4}-\d{2}|\d{8}-\d{8}", re.IGNORECASE)
_AWS_RUN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d)[:_-]?(\d\d)[:_-]?(\d\d)(?:\.\d+)?Z")
_AWS_CHUNK = re.compile(r"(.+)-\d{5}(?:\.snappy)?\.(?:csv|csv\.gz|parquet)", re.IGNORECASE)
_AZURE_PART = re.compile(r"(?<![A-Za-z])part[_-]?\d+(?:[_-]\d+)*", re.IGNORECASE)
_AZURE_FOLDER = re.compile(r"(\d{8})-(\d{8})")
_AZURE_STAMP = re.compile(r"(?<!\d)(20\d{10}(?:\d{2})?)(?!\d)")
# 202609011200 is a time and no shard: BigQuery's numbers start with zeros.
_SHARD = re.compile(r"[-_]?(?<!\d)0{6}\d{6}(?=\.)")


@dataclass(frozen=True)
class Delivery:
    """What a file was delivered with.

    Attributes:
        name: the same for all files of one delivery; None is the file alone.
        as_of: when it was made, UTC, when that is stated.
        is_run: a run of an export, which states whole billing periods.
        first_day: the run states nothing of earlier days, so it restates no period that starts
            before; None: no such bound is known.
        last_day: nor of later ones, so it restates no period that ends after.
    """

    name: str | None
    as_of: datetime | None = None
    is_run: bool = False
    first_day: date | None = None
    last_day: date | None = None

    def columns(self) -> str:
        """Return the select list of `x_delivery` and `x_as_of`."""
        name = literal(self.name) if self.name else "null"
        as_of = literal(str(self.as_of)) if self.as_of else "null"
        return f"{name}::varchar as x_delivery, {as_of}::timestamp as x_as_of"

    def restates(self, config: SourceConfig, choices: Sequence[str]) -> str:
        """Return what a newer delivery replaces: the setting, or what the delivery shows.

        Args:
            config: `restates` is one of `choices`; without it, a run of an export restates its
                billing periods, and a file alone the last of `choices`.

        Raises:
            ConfigError: the setting is none of them.
        """
        asked = config.options.get("restates")
        if asked is None:
            return BILLING_PERIOD if self.is_run else choices[-1]
        if asked not in choices:
            raise ConfigError(
                str(config.path), "restates", f"{asked!r} is none of {', '.join(choices)}"
            )
        return str(asked)

    def scope(self, restates: str, period: str, start: str) -> str:
        """Return the expression of `x_scope`: the billing period that the delivery restates.

        Args:
            restates: what `restates` found.
            period: expression that tells account and billing period.
            start: expression of the start of the billing period; NULL has no scope.
        """
        if restates != BILLING_PERIOD:
            return "null::varchar"
        bound = f"{start} >= date '{self.first_day}'" if self.first_day else f"{start} is not null"
        if self.last_day:
            # a run of the month to date names its last day, or that of the month
            bound += f" and {start} + interval 1 month <= date '{self.last_day}' + interval 1 day"
        return f"case when {bound} then {period} end"


def aws_delivery(relative: str) -> Delivery:
    """Return what a file of an AWS export was delivered with."""
    path = PurePosixPath(relative)
    run = next((found for part in path.parts if (found := _AWS_RUN.match(part))), None)
    as_of = datetime(*map(int, run.groups())) if run else None  # type: ignore[arg-type]
    if any(AWS_FOLDER.fullmatch(part) for part in path.parts[:-1]):
        return Delivery(str(path.parent), as_of, is_run=True)
    chunk = _AWS_CHUNK.fullmatch(path.name)
    name = str(path.parent / chunk[1]) if chunk else None
    return Delivery(name, as_of, is_run=chunk is not None)


def azure_delivery(file: InputFile) -> Delivery:
    """Return what a file of an Azure export was delivered with.

    The parts of one run differ in their number only. A run states its first and last day in its
    manifest or in the folder of its dates: an export of seven days restates no month.
    """
    folder, _, name = file.relative.rpartition("/")
    manifest = read_manifest(file.path.parent)
    dates = [m for part in PurePosixPath(folder).parts if (m := _AZURE_FOLDER.fullmatch(part))]
    first = manifest_text(manifest, "runInfo", "startDate") or (dates[-1][1] if dates else None)
    last = manifest_text(manifest, "runInfo", "endDate") or (dates[-1][2] if dates else None)
    return Delivery(
        f"{folder}/{_AZURE_PART.sub('part', name)}".lstrip("/"),
        _azure_time(file, manifest),
        is_run=manifest is not None or bool(dates),
        first_day=_day(first),
        last_day=_day(last),
    )


def shard_delivery(relative: str) -> Delivery:
    """Return what a file of BigQuery was delivered with: its path without the shard's number."""
    return Delivery(_SHARD.sub("", relative))


def any_delivery(file: InputFile) -> Delivery:
    """Return what a file of an unknown exporter was delivered with, by whichever signs it bears."""
    has_dates = any(_AZURE_FOLDER.fullmatch(p) for p in PurePosixPath(file.relative).parts[:-1])
    if has_dates or (file.path.parent / MANIFEST).exists():
        return azure_delivery(file)
    on_aws = aws_delivery(file.relative)
    if on_aws.is_run:
        return on_aws
    shards = shard_delivery(file.relative)
    return shards if shards.name != file.relative else Delivery(None)


def read_manifest(folder: Path) -> dict[str, object] | None:
    """Return the manifest of an Azure run; None when there is none, or no JSON object."""
    return json_object(folder / MANIFEST)


def manifest_text(manifest: dict[str, object] | None, group: str, key: str) -> str | None:
    """Return one text of a manifest."""
    values = (manifest or {}).get(group)
    value = values.get(key) if isinstance(values, dict) else None
    return value if isinstance(value, str) else None


def _azure_time(file: InputFile, manifest: dict[str, object] | None) -> datetime | None:
    """Return when the export ran, UTC: from its manifest, or a YYYYMMDDhhmm[ss] in its path."""
    submitted = manifest_text(manifest, "runInfo", "submittedTime")
    if submitted:
        try:
            time = datetime.fromisoformat(submitted)
        except ValueError:
            return None
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    for stamp in reversed(_AZURE_STAMP.findall(file.relative)):
        try:
            return datetime.strptime(stamp.ljust(14, "0"), "%Y%m%d%H%M%S")
        except ValueError:
            continue
    return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10] if "-" in text else text) if text else None
    except ValueError:
        return None
