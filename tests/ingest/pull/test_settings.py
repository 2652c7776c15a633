"""The `[pull]` table: what is wrong is refused by file and key, and no value is quoted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from ingest.pull.objects.stores import RemoteSettings, open_store
from ingest.pull.settings import pull_settings
from ingest.sources import load_sources


def load(folder: Path, text: str, format_name: str = "openai") -> None:
    sources = folder / "config"
    sources.mkdir(exist_ok=True)
    (sources / "bill.toml").write_text(f'format = "{format_name}"\n{text}\n')
    load_sources(sources, folder / "inbox", "salt")


@pytest.mark.parametrize(
    ("format_name", "text", "key", "reason"),
    [
        ("openai", "[pull]\nreprots = []", "pull.reprots", "is not a setting of this table"),
        ("openai", '[pull]\nreports = ["cost"]', "pull.reports", "'cost' is none of costs, usage"),
        ("openai", "[pull]\nreports = []", "pull.reports", "at least 1 item"),
        ("openai", '[pull]\ngroup_by = { costs = ["model"] }', "pull.group_by.costs",
         "'model' is none of project_id, line_item, api_key_id"),
        ("openai", '[pull]\ngroup_by = { cost = [] }', "pull.group_by", "'cost' is none of"),
        ("anthropic", '[pull]\ngroup_by = { "usage_report/claude_code" = ["actor"] }',
         "pull.group_by.usage_report/claude_code", "it has no groups"),
        ("openai", "[pull]\nlookback_days = -1", "pull.lookback_days", "greater than or equal"),
        ("openai", '[pull]\nlookback_days = "3"', "pull.lookback_days", "valid integer"),
        ("openai", '[pull]\nstart = "yesterday"', "pull.start", "valid date"),
        ("openai", '[pull]\nkey_env = "sk-admin-secret"', "pull.key_env", "name of an environment"),
        ("openai", '[pull]\nkey = "sk-admin-secret"', "pull.key", "is not a setting"),
        ("openai", '[pull]\nbase_url = "http://api.openai.com"', "pull.base_url", "https://"),
        ("openai", '[pull]\nbase_url = "http://127.0.0.1.example"', "pull.base_url", "https://"),
        ("openai", '[pull]\napi_key_hashes = ["a"]', "pull.api_key_hashes", "groups by key"),
        ("focus", "[pull]", "pull", "no API for the format focus, only for openai, anthropic"),
        ("openai", "pull = true", "pull", "valid dictionary"),
        ("litellm_spendlogs", '[pull]\ndsn_env = "postgresql://u:secret@h/d"', "pull.dsn_env",
         "name of an environment variable"),
        ("litellm_spendlogs", '[pull]\ndsn = "postgresql://u:secret@h/d"', "pull.dsn",
         "is not a setting"),
        ("litellm_spendlogs", '[pull]\ntable = "../x"', "pull.table", "match pattern"),
        ("litellm_spendlogs", "[pull]\nlookback_days = 91", "pull.lookback_days",
         "less than or equal to 90"),
        ("litellm_spendlogs", '[pull]\nreports = ["costs"]', "pull.reports", "is not a setting"),
        ("focus", "[remote]", "remote.url", "is missing"),
        ("focus", '[remote]\nurl = "ftp://x/y"', "remote.url", "must be s3://bucket/folder"),
        ("focus", '[remote]\nurl = "s3:///x"', "remote.url", "must be s3://bucket/folder"),
        ("focus", '[remote]\nurl = "s3://k:secret@b/x"', "remote.url", "no key or token"),
        ("focus", '[remote]\nurl = "az://b/x?sig=secret"', "remote.url", "no key or token"),
        ("focus", '[remote]\nurl = "s3://b/{year}"', "remote.url", "may hold {day}, {month}"),
        ("focus", '[remote]\nurl = "s3://{month}/x"', "remote.url", "bucket"),
        ("focus", '[remote]\nurl = "s3://b/x"\naccess_key = "secret"', "remote.access_key",
         "is not a setting"),
        ("focus", '[remote]\nurl = "s3://b/x"\ninclude = []', "remote.include", "at least 1"),
        ("focus", '[remote]\nurl = "s3://b/x"\nlookback_days = 401', "remote.lookback_days",
         "less than or equal to 400"),
        ("anthropic", '[pull]\nreports = ["cost_report", "analytics/cost_report"]',
         "pull.reports", "a source of its own for analytics/cost_report"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_by_file_and_key(
    tmp_path: Path, format_name: str, text: str, key: str, reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        load(tmp_path, text, format_name)
    assert caught.value.file == str(tmp_path / "config" / "bill.toml")
    assert caught.value.key == key
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[pull]",
        '[pull]\nstart = 2026-01-01\nlookback_days = 7\nkey_env = "MY_KEY"\nreports = ["costs"]\n'
        'base_url = "https://eu.api.openai.com/"\norganization = "org-1"\n'
        '[pull.group_by]\ncosts = ["line_item"]',
        '[pull]\nbase_url = "http://localhost:8080"',
        '[remote]\nurl = "gs://b/{month:%Y%m}/x"\nlookback_days = 40\nstart = 2026-01-01\n'
        'include = ["*.csv"]\nexclude = ["old/*"]\nanonymous = true\n[pull]',
        '[remote]\nurl = "file:///mnt/bills"',
    ],
)
def test_a_right_table_is_read(tmp_path: Path, text: str) -> None:
    load(tmp_path, text)


def test_how_files_come_does_not_change_how_they_are_read(tmp_path: Path) -> None:
    def fingerprint(text: str) -> str:
        load(tmp_path, text)
        (source,) = load_sources(tmp_path / "config", tmp_path / "inbox", "salt")
        return source.fingerprint

    files_only = fingerprint("")
    assert fingerprint("[pull]") == fingerprint("[pull]\nlookback_days = 7") == files_only
    assert fingerprint('[remote]\nurl = "s3://b/x"') == files_only
    assert fingerprint('account = "a"\n[pull]') != files_only


@pytest.mark.parametrize(
    ("url", "kind", "opened", "prefix"),
    [
        ("s3://b/x/y", "S3Store", {"bucket": "b"}, "x/y"),
        ("gs://b/x", "GCSStore", {"bucket": "b"}, "x"),
        ("az://c/x", "AzureStore", {"container_name": "c"}, "x"),
        ("abfss://c@other.dfs.core.windows.net/x", "AzureStore",
         {"container_name": "c", "account_name": "other"}, "x"),
        ("s3://b/cur/data/BILLING_PERIOD={month}/", "S3Store", {"bucket": "b"}, "cur/data"),
    ],
)  # fmt: skip
def test_an_address_opens_the_store_that_it_names(
    monkeypatch: pytest.MonkeyPatch, url: str, kind: str, opened: dict[str, str], prefix: str
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acme")
    store: Any = open_store(RemoteSettings(url=url), 5.0)
    assert (type(store).__name__, store.config, store.prefix) == (kind, opened, prefix)


def test_a_source_without_the_table_is_fed_with_files(tmp_path: Path) -> None:
    load(tmp_path, "")
    (source,) = load_sources(tmp_path / "config", tmp_path / "inbox", "salt")
    assert pull_settings(source) is None
