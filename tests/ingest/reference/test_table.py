"""What every reference table has in common: one declaration, and headers with a cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingest.errors import ConfigError
from ingest.prices.overrides import PRICES
from ingest.reference.charging.budgets import BUDGETS
from ingest.reference.charging.commitments import COMMITMENTS
from ingest.reference.charging.fx_rates import FX_RATES
from ingest.reference.charging.org import ORG_UNITS
from ingest.reference.table import ReferenceTable
from ingest.warehouse.reference_tables import REFERENCE_TABLES


@pytest.mark.parametrize("table", REFERENCE_TABLES, ids=lambda table: table.name)
def test_the_template_of_every_table_is_read_and_every_column_explained(
    tmp_path: Path, table: ReferenceTable[Any]
) -> None:
    (tmp_path / "a.csv").write_text(table.template)
    assert table.read(tmp_path / "a.csv") == ()
    assert all(column.doc for column in table.columns.values())


def test_header_and_raw_table_come_from_the_same_fields() -> None:
    assert ",".join(BUDGETS.header) == "kind,name,monthly_usd,valid_from,valid_to,note"
    assert BUDGETS.schema.equals(pa.schema([
        ("kind", pa.string()), ("name", pa.string()), ("monthly_usd", pa.decimal128(18, 9)),
        ("valid_from", pa.timestamp("us")), ("valid_to", pa.timestamp("us")),
        ("source", pa.string()),
    ]))  # fmt: skip
    # a computed column, two that other columns read, and one that only people read
    assert ",".join(COMMITMENTS.header) == (
        "commitment,kind,provider,match,usd,usd_per,capacity,unit,valid_from,valid_to,note"
    )
    assert COMMITMENTS.schema.names == [
        "commitment", "kind", "reads", "conditions", "usd", "usd_per", "capacity", "unit",
        "valid_from", "valid_to",
    ]  # fmt: skip
    assert (PRICES.header[-1], PRICES.optional) == ("note", ("region",))
    assert FX_RATES.schema.names == ["currency", "rate_day", "usd", "source"]
    assert BUDGETS.columns["kind"].allowed == ("cost_centre", "team", "feature", "tenant")


@pytest.mark.parametrize(
    ("header", "key", "reason"),
    [
        ("kind,name,monthly_usd,valid_form,valid_to,note", "column valid_form",
         "did you mean 'valid_from'?; write exactly kind,name,monthly_usd,valid_from"),
        ("kind,name,monthly_usd,valid_from,valid_to,note,colour", "column colour",
         "is no column of this file; write exactly"),
        ("kind,name,monthly_usd,valid_to,valid_from,note", "column header", "write exactly kind,"),
        ("kind,name,monthly_usd,valid_from,valid_to", "column header", "write exactly kind,"),
        ("kind,name,name,monthly_usd,valid_from,valid_to,note", "column header", "write exactly"),
        ("", "column header", "write exactly kind,name"),
    ],
)  # fmt: skip
def test_an_unknown_column_is_named_with_the_nearest_right_one(
    tmp_path: Path, header: str, key: str, reason: str
) -> None:
    (tmp_path / "budgets.csv").write_text(header + "\n")
    with pytest.raises(ConfigError) as caught:
        BUDGETS.read(tmp_path / "budgets.csv")
    assert (caught.value.file, caught.value.key) == ("config/budgets.csv", f"row 1, {key}")
    assert reason in caught.value.reason


def test_an_unknown_optional_column_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(PRICES.template.strip() + ",regoin\n")
    with pytest.raises(ConfigError, match=r"column regoin: .*did you mean 'region'"):
        PRICES.read(tmp_path / "prices.csv")


def test_a_misspelt_word_of_a_cell_has_a_proposal(tmp_path: Path) -> None:
    (tmp_path / "org.csv").write_text(ORG_UNITS.template + "cost_center,a,,,,,\n")
    with pytest.raises(ConfigError, match=r"row 2, column kind: .*did you mean 'cost_centre'\?"):
        ORG_UNITS.read(tmp_path / "org.csv")


def test_a_table_that_a_spreadsheet_saved_with_semicolons_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'kind;name;monthly_usd;valid_from;valid_to;note\nteam;"a, b";5;;;"x; y"\n'
    )
    (row,) = BUDGETS.read(tmp_path / "a.csv")
    assert row.name == "a, b"
