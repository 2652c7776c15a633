"""In which order sources of calls count, and which of them see the same traffic.

One call may be logged by a gateway, by its database and by the client's own trace. It counts once,
as the source with the lowest precedence has it; the others complete it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ingest.errors import ConfigError
from ingest.records.format import Format, SourceConfig

LAST = 1000
"""Precedence of a source whose settings are gone."""

CALL_SOURCES = pa.schema(
    [
        ("source_name", pa.string()),
        ("precedence", pa.int64()),
        ("same_traffic_as", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class CallSource:
    """What a source's settings say about its place among the others.

    Attributes:
        source_name: the inbox folder.
        precedence: the source with the lowest goes first; its format's unless the settings say it.
        same_traffic_as: sources whose records are compared by what they say, too, and not only by
            identifiers.
    """

    source_name: str
    precedence: int
    same_traffic_as: Sequence[str]


def call_sources(
    configs: Sequence[SourceConfig], formats: Mapping[str, Format]
) -> list[CallSource]:
    """Read `precedence` and `same_traffic_as` of every source.

    Raises:
        ConfigError: a precedence that is no number from 0 to 999, or an unknown source.
    """
    names = {config.name for config in configs}
    stated = {config.name: _same_traffic(config, names) for config in configs}
    return [
        CallSource(
            config.name,
            _precedence(config, formats[config.format]),
            # one of two sources says it for both
            sorted({*stated[config.name], *(n for n in names if config.name in stated[n])}),
        )
        for config in configs
    ]


def _precedence(config: SourceConfig, source_format: Format) -> int:
    stated = config.options.get("precedence", source_format.precedence)
    if isinstance(stated, bool) or not isinstance(stated, int) or not 0 <= stated < LAST:
        raise ConfigError(
            str(config.path), "precedence", f"write a whole number from 0 to {LAST - 1}"
        )
    return int(stated)


def _same_traffic(config: SourceConfig, names: set[str]) -> list[str]:
    key = "same_traffic_as"
    stated = config.options.get(key, [])
    if not isinstance(stated, list) or not all(isinstance(name, str) for name in stated):
        raise ConfigError(str(config.path), key, 'write a list of sources: ["litellm"]')
    others = sorted(names - {config.name})
    for name in stated:
        if name not in others:
            reason = f"{name!r} is no other source; there are {', '.join(others) or 'none'}"
            raise ConfigError(str(config.path), key, reason)
    return stated
