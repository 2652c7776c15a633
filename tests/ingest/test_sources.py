"""Settings of sources: what nobody would read is refused, with the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.records.format import SourceConfig
from ingest.sources import EVERY_SOURCE, FORMATS, load_sources


def load(folder: Path, text: str) -> SourceConfig:
    (folder / "config").mkdir()
    (folder / "inbox").mkdir()
    (folder / "config" / "a.toml").write_text(text)
    (source,) = load_sources(folder / "config", folder / "inbox", "salt")
    return source


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_refuses_a_section_that_it_does_not_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f'format = "{name}"\n[atribution]\nteam = "x"\n')
    assert (caught.value.file, caught.value.key) == (
        str(tmp_path / "config" / "a.toml"), "atribution",
    )  # fmt: skip
    assert f"is no setting of the format {name}" in caught.value.reason
    hints = "did you mean 'attribution'?" in caught.value.reason
    assert hints == ("attribution" in FORMATS[name].options)


@pytest.mark.parametrize("name", [name for name, f in FORMATS.items() if f.options])
def test_every_format_takes_what_it_states(tmp_path: Path, name: str) -> None:
    sections = {"attribution", "labels", "fields", "tokens", "outcomes", "records"}
    keys = [key for key in FORMATS[name].options if key not in sections]
    tables = [key for key in FORMATS[name].options if key in sections]
    text = "".join([*(f"{key} = 'x'\n" for key in keys), *(f"[{key}]\n" for key in tables)])
    assert set(load(tmp_path, f'format = "{name}"\n{text}').options) == {
        "format", *FORMATS[name].options,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('format = "litelm"', "format", "did you mean 'litellm'?"),
        ('format = "openai"\nacount = "org-1"', "acount", "did you mean 'account'?"),
        ('format = "focus"\naccount = "a"', "account", "there are format, precedence"),
        ('format = "gcp"\nrestates = "day"', "restates", "is no setting of the format gcp"),
        ('format = "azure"\nPrecedence = 5', "Precedence", "did you mean 'precedence'?"),
        ('format = "openai"\n[pull]\nlookback = 3', "pull.lookback", "mean 'lookback_days'?"),
        ('format = "openai"\n[pull]\nlookback_days = 91', "pull.lookback_days", "less than or eq"),
    ],
)
def test_a_wrong_key_is_named_with_its_file_and_the_nearest_right_word(
    tmp_path: Path, text: str, key: str, reason: str
) -> None:
    with pytest.raises(ConfigError, match=r"a\.toml") as caught:
        load(tmp_path, text)
    assert caught.value.key == key
    assert reason in caught.value.reason


def test_no_format_states_a_setting_of_every_source() -> None:
    assert [name for name, f in FORMATS.items() if set(f.options) & set(EVERY_SOURCE)] == []
