"""A setting is declared once: the template of `outlay.toml` and dbt's variables agree with it."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from pipelines.workspace.init import TEMPLATES, init_workspace
from pipelines.workspace.setting_docs import bounds, comment, field_at
from pipelines.workspace.setting_groups import TieOutLimits
from pipelines.workspace.settings import Settings
from tests.conftest import REPOSITORY

PROJECT = REPOSITORY / "dbt_project" / "dbt_project.yml"


def defaults() -> Settings:
    return Settings.model_construct(company="Acme")


def keys(model: Any = Settings, above: str = "") -> list[str]:
    """Every setting, by dotted key."""
    found = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += keys(inner, f"{above}{name}.")
        found.append(above + name)
    return found


def test_the_variables_of_the_models_have_the_defaults_of_the_settings() -> None:
    variables = yaml.safe_load(PROJECT.read_text())["vars"]
    ours = defaults().dbt_vars()
    assert set(ours) <= set(variables)
    different = {
        name: (value, variables[name])
        for name, value in ours.items()
        if (Decimal(value) if name.endswith(("tolerance", "_usd")) else value)
        != (Decimal(str(variables[name])) if name.endswith(("tolerance", "_usd"))
            else variables[name])
    }  # fmt: skip
    assert different == {}


def test_no_variable_that_is_a_setting_states_its_bounds_again() -> None:
    text = PROJECT.read_text().split("\nvars:\n")[1].split("\nmodels:")[0]
    told = dict(re.findall(r"((?:^  #.*\n)*)^  (\w+): ", text, re.MULTILINE))
    again = [name for words, name in told.items() if "Bounds" in words]
    assert set(again).isdisjoint(defaults().dbt_vars())


def test_a_new_workspace_states_every_default_and_no_other_value(tmp_path: Path) -> None:
    init_workspace(tmp_path / "acme", company="Acme", freshness_days={})
    stated = tomllib.loads((tmp_path / "acme" / "outlay.toml").read_text(), parse_float=Decimal)
    assert stated.pop("freshness_days") == {"default": defaults().freshness_limit("any")}
    expected = defaults().model_dump(exclude={"salt", "freshness_days"})
    for table, name in (("outcomes", "precedence"), ("close", "providers_without_bill")):
        expected[table][name] = list(expected[table][name])
    expected["production_environments"] = list(expected["production_environments"])
    assert stated == expected


def test_the_template_takes_comments_and_bounds_from_the_settings(tmp_path: Path) -> None:
    assert "Bounds" not in (TEMPLATES / "outlay.toml").read_text()
    init_workspace(tmp_path / "acme")
    text = (tmp_path / "acme" / "outlay.toml").read_text()
    lacking = [key for key in keys() if key != "salt" and comment(key) not in text]
    assert lacking == []


@pytest.mark.parametrize("key", keys())
def test_every_setting_says_what_it_decides(key: str) -> None:
    description = field_at(key).description or ""
    assert re.fullmatch(r"[A-Z].{15,}\.", description), description


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("outcome_window_days", "1 to 365"),
        ("tie_out_tolerance", "0 to 0.2"),
        ("billing_lag_days", "0 to 60"),
        ("first_day", "2015-01-01 to 2026-01-01"),
        ("thresholds.unpriced_share", "0 to 1"),
        ("thresholds.incident_floor_usd", "0 and more"),
        ("company", None),
    ],
)
def test_bounds_in_words_are_those_that_are_enforced(key: str, words: str | None) -> None:
    assert bounds(field_at(key)) == words


def test_a_providers_limits_have_the_bounds_of_the_general_ones() -> None:
    for name, general in (("tolerance", "tie_out_tolerance"), ("lag_days", "billing_lag_days"),
                          ("rounding_usd", "tie_out_rounding_usd")):  # fmt: skip
        schema = TieOutLimits.model_json_schema()["properties"][name]["anyOf"][0]
        ours = Settings.model_json_schema()["properties"][general]
        ours = ours.get("anyOf", [ours])[0]
        for limit in ("minimum", "maximum"):
            assert schema[limit] == ours[limit], name
