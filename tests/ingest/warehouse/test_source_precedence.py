"""Which source of calls goes first, and which see the same traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from ingest.warehouse.source_precedence import CallSource, call_sources


def config(name: str, source_format: str = "mapped", **options: Any) -> SourceConfig:
    return SourceConfig(name, source_format, Path(f"config/sources/{name}.toml"), options)


def test_a_formats_precedence_holds_unless_the_settings_say_another() -> None:
    found = call_sources([config("proxy", "litellm"), config("bot"), config("x", precedence=3)],
                         FORMATS)  # fmt: skip
    assert found == [CallSource("proxy", 10, []), CallSource("bot", 20, []), CallSource("x", 3, [])]


def test_one_of_two_sources_says_for_both_that_they_see_the_same_traffic() -> None:
    found = call_sources(
        [config("a", same_traffic_as=["b"]), config("b", same_traffic_as=["c"]), config("c")],
        FORMATS,
    )
    assert [source.same_traffic_as for source in found] == [["b"], ["a", "c"], ["b"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precedence": "first"}, "precedence: write a whole number from 0 to 999"),
        ({"precedence": True}, "precedence: write a whole number"),
        ({"precedence": 1000}, "precedence: write a whole number"),
        ({"same_traffic_as": "b"}, "same_traffic_as: write a list of sources"),
        ({"same_traffic_as": ["z"]}, "same_traffic_as: 'z' is no other source; there are b"),
        ({"same_traffic_as": ["a"]}, "same_traffic_as: 'a' is no other source"),
    ],
)
def test_wrong_settings_are_refused_with_file_and_key(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"config/sources/a.toml: {message}"):
        call_sources([config("a", **options), config("b")], FORMATS)
