"""Settings: what a user writes is checked, and an error names its file and key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from pipelines.dbt_models import build
from pipelines.dbt_models.build import models_fingerprint
from pipelines.workspace.settings import Settings, load_settings


def load(folder: Path, text: str, salt: str = "pepper") -> Settings:
    file = folder / "outlay.toml"
    file.write_text('company = "Acme"\n' + text)
    (folder / "salt").write_text(salt)
    return load_settings(file, folder / "salt")


def test_shares_are_exact_decimals(tmp_path: Path) -> None:
    settings = load(tmp_path, "tie_out_tolerance = 0.015\n[thresholds]\nunpriced_share = 0.1\n")
    assert settings.tie_out_tolerance == Decimal("0.015")
    assert settings.thresholds.unpriced_share == Decimal("0.1")


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("compny = 1", "compny", "is not a setting of Outlay.*did you mean 'company'"),
        ("[threshold]\nunpriced_share = 0.1", "threshold", "did you mean 'thresholds'"),
        ("[tie_out.openai]\ntolerence = 0.1", "tie_out.openai.tolerence", "mean 'tolerance'"),
        ('[alerts.a]\nfile = "exports/a"\nowner = ["b"]', "alerts.a.owner", "mean 'owners'"),
        ('[alerts.a]\nowners = ["b"]', "alerts.a", "needs one of url_env and file"),
        ('[alerts.a]\nfile = "exports/../a"', "alerts.a.file", "must lie in exports/"),
        ('[alerts.a]\nurl_env = "https://x"', "alerts.a.url_env", "is no name of an env"),
        ("tie_out_tolerance = 0.21", "tie_out_tolerance", "less than or equal to 0.2"),
        ('[tie_out.openai]\ntolerance = 0.3\nevidence = "x"', "tie_out.openai.tolerance", "to 0.2"),
        ("billing_lag_days = 61", "billing_lag_days", "less than or equal to 60"),
        ("outcome_window_days = 366", "outcome_window_days", "less than or equal to 365"),
        ("first_day = 2026-01-02", "first_day", "less than or equal to"),
        ("[thresholds]\nunprised_share = 0.1", "thresholds.unprised_share", "is not a setting"),
        ("outcome_window_days = 0", "outcome_window_days", "greater than or equal to 1"),
        ('reporting_currency = "eur"', "reporting_currency", "is no ISO 4217 code"),
        ("fiscal_year_starts_in = 13", "fiscal_year_starts_in", "less than or equal to 12"),
        ("fx_max_age_days = 40", "fx_max_age_days", "less than or equal to 31"),
        ('reporting_timezone = "Berlin"', "reporting_timezone", "is not an IANA time zone"),
        ("[thresholds]\nincident_floor_usd = -1", "thresholds.incident_floor_usd", "or equal to 0"),
        (
            '[outcomes]\nprecedence = ["human", "model"]',
            "outcomes.precedence",
            "must name each of business_system, human, model once",
        ),
        (
            '[outcomes]\nprecedence = ["human", "human", "model", "business_system"]',
            "outcomes.precedence",
            "must name each",
        ),
        ("[outcomes]\norder = []", "outcomes.order", "is not a setting"),
        ('memory = "a lot"', "memory", "whole megabytes or gigabytes; write for example 8GB"),
        ("threads = ", "TOML", "Invalid value"),
        ('salt = "secret"', "salt", "a secret does not belong here"),
    ],
)
def test_a_wrong_setting_is_refused_by_file_and_key(
    tmp_path: Path, text: str, key: str, reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        load(tmp_path, text)
    assert (caught.value.file, caught.value.key) == (str(tmp_path / "outlay.toml"), key)


def test_the_order_of_judges_reaches_the_models_and_what_they_were_built_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = load(tmp_path, "")
    stated = load(tmp_path, '[outcomes]\nprecedence = ["human", "business_system", "model"]\n')
    assert usual.dbt_vars()["evaluator_precedence"] == ["business_system", "human", "model"]
    assert stated.dbt_vars()["evaluator_precedence"] == ["human", "business_system", "model"]
    assert models_fingerprint(usual) != models_fingerprint(stated)
    monkeypatch.setenv("OUTLAY_OUTCOMES__PRECEDENCE", '["model", "human", "business_system"]')
    assert load(tmp_path, "").outcomes.precedence == ("model", "human", "business_system")


def test_every_file_that_a_model_is_made_of_is_part_of_what_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(tmp_path, "")
    monkeypatch.setattr(build, "PROJECT", tmp_path / "dbt")
    seen = [models_fingerprint(settings)]
    for name in ("dbt_project.yml", "models/marts/a.sql", "models/marts/a.yml", "macros/m.sql"):
        file = tmp_path / "dbt" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        for text in ("one", "another"):
            file.write_text(text)
            seen.append(models_fingerprint(settings))
    assert len(set(seen)) == len(seen)


def test_a_company_is_required(tmp_path: Path) -> None:
    (tmp_path / "outlay.toml").write_text("")
    with pytest.raises(ConfigError, match="company: is missing"):
        load_settings(tmp_path / "outlay.toml", tmp_path / "salt")


def test_the_environment_goes_before_the_file_and_its_faults_name_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTLAY_THRESHOLDS__UNPRICED_SHARE", "0.2")
    monkeypatch.setenv("OUTLAY_SALT", "from-the-environment")
    settings = load(tmp_path, "[thresholds]\nunpriced_share = 0.1\nquarantine_share = 0.3\n")
    assert settings.thresholds.unpriced_share == Decimal("0.2")
    assert settings.thresholds.quarantine_share == Decimal("0.3")
    assert settings.salt.get_secret_value() == "from-the-environment"
    monkeypatch.setenv("OUTLAY_THRESHOLDS__UNPRICED_SHARE", "2")
    with pytest.raises(ConfigError, match="environment: OUTLAY_THRESHOLDS__UNPRICED_SHARE"):
        load(tmp_path, "")


def test_a_lost_salt_is_an_error_and_not_silently_replaced(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="salt of pseudonyms is missing"):
        load(tmp_path, "", salt="")


def test_each_source_has_its_own_freshness_limit_or_the_default(tmp_path: Path) -> None:
    settings = load(tmp_path, "[freshness_days]\ndefault = 2\nopenai = 7\n")
    assert (settings.freshness_limit("openai"), settings.freshness_limit("litellm")) == (7, 2)
