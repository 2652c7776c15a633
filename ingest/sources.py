"""The inbox's sources: their settings files, and the reader that each names."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from ingest.billing.anthropic import reader as anthropic
from ingest.billing.aws import reader as aws
from ingest.billing.azure import reader as azure
from ingest.billing.focus import reader as focus
from ingest.billing.gcp import reader as gcp
from ingest.billing.openai import reader as openai
from ingest.billing.openrouter import reader as openrouter
from ingest.contracts.tables import TABLES
from ingest.errors import ConfigError, nearest
from ingest.files import make_folder
from ingest.gateways import bedrock, kong, mapped, phoenix, presets
from ingest.gateways.langfuse import reader as langfuse
from ingest.gateways.litellm import reader as litellm
from ingest.gateways.litellm import spend_logs as litellm_spendlogs
from ingest.gateways.otel import reader as otel
from ingest.pull.inbound import TABLES as INBOUND
from ingest.pull.inbound import check_settings
from ingest.records.format import Format, SourceConfig

FORMATS: dict[str, Format] = {
    source_format.name: source_format
    for source_format in (
        litellm.FORMAT,
        litellm_spendlogs.FORMAT,
        mapped.MAPPED,
        mapped.OUTCOMES,
        mapped.CHANGES,
        mapped.QUEUES,
        otel.FORMAT,
        langfuse.FORMAT,
        phoenix.FORMAT,
        bedrock.FORMAT,
        kong.FORMAT,
        *presets.FORMATS,
        openai.FORMAT,
        anthropic.FORMAT,
        aws.FORMAT,
        azure.FORMAT,
        focus.FORMAT,
        gcp.FORMAT,
        openrouter.FORMAT,
    )
}
"""Every format that a source's settings may name."""

EVERY_SOURCE = ("format", "precedence", "same_traffic_as", *sorted(INBOUND))
"""Settings of a source whatever its format; the others each format states."""

_CALLS, _OUTCOMES, _SPANS = "gateway_calls", "task_outcomes", "trace_spans"
_CHANGES, _QUEUES = "change_events", "queue_samples"
_CHARGES, _USAGE = "billing_charges", "billing_usage"

_FILLED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((preset.name for preset in presets.FORMATS), (_CALLS, _OUTCOMES)),
    **dict.fromkeys(("phoenix", "portkey_feedback"), (_OUTCOMES,)),
    **dict.fromkeys(presets.OF_CHANGES, (_CHANGES,)),
    "otel": (_CALLS, _OUTCOMES, _SPANS, _QUEUES),
    "langfuse": (_CALLS, _OUTCOMES, _SPANS),
    **dict.fromkeys(("litellm", "litellm_spendlogs", "bedrock", "kong"), (_CALLS,)),
    **dict.fromkeys(("openai", "anthropic", "openrouter"), (_CHARGES, _USAGE)),
    **dict.fromkeys(("aws_cur", "azure", "focus", "gcp"), (_CHARGES,)),
}
"""Tables of the lake that a format can fill; a mapping says itself which."""


def filled_tables(source: SourceConfig) -> tuple[str, ...]:
    """Tables of the lake that a source's files can bring rows of.

    Raises:
        ConfigError: the source's mapping names a table that no mapping fills.
    """
    return _FILLED.get(source.format) or (mapped.mapped_table(source).name,)


READER_GENERATION = "14"
"""Raised when a reader changes what it makes of the same bytes, so that files are read again."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def load_sources(config_dir: Path, inbox: Path, salt: str) -> list[SourceConfig]:
    """Settings of every inbox folder, in name order.

    A folder with files needs `config/sources/<folder>.toml`. A settings file without a folder is
    a source that has delivered nothing yet; its folder is made.

    Raises:
        ConfigError: a folder without settings, settings that do not parse, an unknown format,
            a key or section that its format does not read, or a wrong `[pull]` or `[remote]` table.
    """
    settings = {path.stem: path for path in sorted(config_dir.glob("*.toml"))}
    for name in settings:
        make_folder(inbox / name)
    for folder in sorted(p for p in inbox.iterdir() if p.is_dir() and p.name[0] != "."):
        if folder.name not in settings and any(folder.iterdir()):
            raise ConfigError(
                str(config_dir / f"{folder.name}.toml"),
                "file",
                f"inbox/{folder.name} has no settings: write this file with format = one of "
                + ", ".join(sorted(FORMATS)),
            )
    return [_load(name, path, salt) for name, path in settings.items()]


def _load(name: str, path: Path, salt: str) -> SourceConfig:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            str(path), "file name", "use lower-case letters, digits, dots, dashes, underscores"
        )
    text = path.read_text(encoding="utf-8")
    try:
        options = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), "TOML", str(error)) from error
    format_name = str(options.get("format", ""))
    if format_name not in FORMATS:
        raise ConfigError(
            str(path),
            "format",
            f"{format_name!r} is none of {', '.join(sorted(FORMATS))}"
            + nearest(format_name, FORMATS),
        )
    config = SourceConfig(name, format_name, path, options, salt, _fingerprint(options, salt))
    _refuse_unknown(config, FORMATS[format_name])
    check_settings(config)
    return config


def _refuse_unknown(config: SourceConfig, source_format: Format) -> None:
    """Refuse a key or section that nobody reads: it would be a setting that does nothing."""
    known = (*EVERY_SOURCE, *source_format.options)
    for key in config.options:
        if key not in known:
            raise ConfigError(
                str(config.path),
                key,
                f"is no setting of the format {source_format.name}{nearest(key, known)};"
                f" there are {', '.join(known)}",
            )


def _fingerprint(options: Mapping[str, object], salt: str) -> str:
    """Changes whenever rows read under these settings could differ, or a table's columns did."""
    contracts = [(c.name, c.type) for table in TABLES.values() for c in table.columns]
    reading = sorted(item for item in options.items() if item[0] not in INBOUND)
    text = f"{READER_GENERATION}|{contracts!r}|{salt}|{reading!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
