"""Commitments, as a workspace writes them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.commitments import COMMITMENTS, Commitment

DEAL = "deal,spend,openai,model_id = gpt-5*,120000,,,,2026-01-01,2027-01-01,"


def written(tmp_path: Path, *rows: str) -> tuple[Commitment, ...]:
    path = tmp_path / "commitments.csv"
    path.write_text("\n".join([",".join(COMMITMENTS.header), *rows]) + "\n", encoding="utf-8")
    return COMMITMENTS.read(path)


def test_a_match_on_bills_means_usage_of_the_provider_unless_it_names_a_category(
    tmp_path: Path,
) -> None:
    deal, credit = written(
        tmp_path, DEAL, "gift,credit,,charge_category = Credit,500,,,,2026-01-01,2026-07-01,"
    )
    assert deal.conditions == (
        ("model_id", ("gpt-5*",)), ("provider", ("openai",)), ("charge_category", ("Usage",)),
    )  # fmt: skip
    assert credit.conditions == (("charge_category", ("Credit",)),)
    assert {deal.reads, credit.reads} == {"bills"}


def test_a_row_of_the_table_says_term_price_and_capacity_and_not_where_it_stands(
    tmp_path: Path,
) -> None:
    rows = written(
        tmp_path,
        "ptu,provisioned,,label.deployment = chat-ptu,310,month,1000,tokens_per_minute,"
        "2026-10-01,2027-01-01,signed in May",
    )
    (row,) = COMMITMENTS.to_arrow(rows).to_pylist()
    assert json.loads(row.pop("conditions")) == [["label.deployment", ["chat-ptu"]]]
    assert row == {
        "commitment": "ptu", "kind": "provisioned", "reads": "calls", "usd": Decimal(310),
        "usd_per": "month", "capacity": Decimal(1000), "unit": "tokens_per_minute",
        "valid_from": datetime(2026, 10, 1), "valid_to": datetime(2027, 1, 1),
    }  # fmt: skip


def test_without_match_and_provider_it_is_what_bills_state_under_its_name(tmp_path: Path) -> None:
    (row,) = written(tmp_path, "ri-1,spend,,,8760,,,,2026-01-01,2027-01-01,")
    assert row.conditions == ()


def test_terms_may_follow_each_other_and_a_workspace_without_the_file_has_none(
    tmp_path: Path,
) -> None:
    following = DEAL.replace("2026-01-01,2027-01-01", "2027-01-01,2028-01-01")
    assert len(written(tmp_path, DEAL, following)) == 2
    assert COMMITMENTS.read(tmp_path / "absent.csv") == ()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",spend,,,1,,,,2026-01-01,2027-01-01,", "column commitment: name it"),
        ("a,lease,,,1,,,,2026-01-01,2027-01-01,", "column kind: 'lease' is not one of spend"),
        ("a,spend,,,nought,,,,2026-01-01,2027-01-01,", "column usd: 'nought' is not a number"),
        ("a,spend,,,0,,,,2026-01-01,2027-01-01,", "column usd: write US dollars, above 0"),
        ("a,spend,,,1,month,,,2026-01-01,2027-01-01,", "column usd_per: only a provisioned"),
        ("a,spend,,,1,,5,ptu,2026-01-01,2027-01-01,", "column capacity: only a provisioned"),
        ("a,provisioned,,,1,,5,,2026-01-01,2027-01-01,", "column unit: '' is not one of tokens_"),
        ("a,provisioned,,,1,,,ptu,2026-01-01,2027-01-01,", "column capacity: '' is not a number"),
        ("a,spend,,,1,,,,,2027-01-01,", "column valid_from: a commitment has a term"),
        ("a,spend,,,1,,,,2026-01-01,,", "column valid_to: a commitment has a term"),
        ("a,spend,,,1,,,,2026-01-01T05:00:00Z,2027-01-01,", "column valid_from: write a whole day"),
        ("a,spend,,,1,,,,2026-01-01,2046-01-01,", "column valid_to: lies more than 10 years"),
        ("a,spend,,label.x = y,1,,,,2026-01-01,2027-01-01,", "column match: 'label.x' cannot be"),
        ("a,spend,,team = x,1,,,,2026-01-01,2027-01-01,", "column match: 'team' cannot be asked"),
        ("a,spend,,gpt-5,1,,,,2026-01-01,2027-01-01,", "column match: write name = value"),
    ],
)
def test_a_wrong_commitment_is_refused_with_row_and_column(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"config/commitments.csv: row 2, {message}"):
        written(tmp_path, row)


def test_a_commitment_that_overlaps_itself_is_refused_with_both_rows(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="row 4, column valid_from: overlaps line 2"):
        written(tmp_path, DEAL, DEAL.replace("deal", "other"),
                DEAL.replace("2026-01-01,2027-01-01", "2026-12-31,2028-01-01"))  # fmt: skip
