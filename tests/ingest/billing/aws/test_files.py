"""What Cost and Usage Report files do to a reader: damage, deliveries, repeated lines."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.aws.reader import FORMAT
from ingest.billing.export_files.deliveries import aws_delivery
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.aws.cur_lines import cur2_csv, cur2_parquet, legacy_csv, line
from tests.ingest.billing.conftest import HEADER, LINE, csv_of

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

PLAIN = cur2_csv(line())


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("line_item_unblended_cost", "12,5", "is not a number in DECIMAL(28,12)"),
        ("line_item_unblended_cost", "", "is empty; every line states it"),
        ("line_item_usage_amount", "many", "is not a number in DECIMAL(31,15)"),
        ("pricing_public_on_demand_rate", "NaN", "is not a number in DECIMAL(28,12)"),
        ("line_item_usage_start_date", "yesterday", "is not a date or time"),
        ("bill_billing_period_end_date", "2026-13-01", "is not a date or time"),
        ("bill_payer_account_id", "", "is empty; every line states it"),
        ("line_item_currency_code", "", "is empty; every line states it"),
        ("resource_tags", "{'team': 'search'}", "is not a JSON object"),
        ("product", "[1]", "is not a JSON object"),
    ],
)
def test_a_value_that_cannot_be_read_is_rejected_by_column_and_its_neighbour_stays(
    as_file: Lay, stage: Stage, column: str, value: str, reason: str
) -> None:
    content = cur2_csv(line(**{column: value}), line(identity_line_item_id="2"))
    bad, good = stage(FORMAT, as_file(content, "cur.csv"))
    assert (bad["source_line"], bad["reject_field"], bad["reject_reason"]) == (2, column, reason)
    assert good["reject_reason"] is None


def test_a_rejection_names_the_column_as_the_legacy_file_spells_it(
    as_file: Lay, stage: Stage
) -> None:
    content = legacy_csv(line(line_item_unblended_cost="free"))
    (row,) = stage(FORMAT, as_file(content, "cur.csv"))
    assert row["reject_field"] == "lineItem/UnblendedCost"


def test_a_tax_line_without_product_and_usage_type_is_whole(as_file: Lay, stage: Stage) -> None:
    tax = line(line_item_line_item_type="Tax", line_item_usage_type="", product={},
               line_item_product_code="", product_servicecode="")  # fmt: skip
    (row,) = stage(FORMAT, as_file(cur2_csv(tax), "cur.csv"))
    assert (row["reject_reason"], row["x_provider"], row["x_cost_type"]) == (None, "aws", "tax")


def test_missing_columns_are_named_with_the_cure(samples: Path, as_file: Lay, stage: Stage) -> None:
    path = samples / "aws" / "bedrock_iam_principal_cur2_excerpt.csv"
    with pytest.raises(SourceFileError) as refused:
        stage(FORMAT, as_file(path))
    assert (refused.value.file, refused.value.line) == (path.name, 1)
    assert "no column bill_payer_account_id, bill_billing_period_start_date" in str(refused.value)
    assert "line_item_usage_type," not in str(refused.value)
    assert "select it in the data export" in str(refused.value)


def test_a_focus_export_is_sent_to_its_own_format(as_file: Lay, stage: Stage) -> None:
    with pytest.raises(SourceFileError, match='with format = "focus"'):
        stage(FORMAT, as_file(csv_of(LINE, header=HEADER), "focus.csv"))


WHOLE = cur2_csv(*(line(identity_line_item_id=str(n)) for n in range(500))).encode()

DAMAGED = {
    "empty": (b"", "a.csv", "the file is empty"),
    "header only": (PLAIN.splitlines()[0].encode() + b"\n", "a.csv", "no data returned"),
    "half a gzip": (gzip.compress(WHOLE, mtime=0)[:-400], "a.csv.gz", "or damaged"),
    "gzip less its checksum": (gzip.compress(WHOLE, mtime=0)[:-8], "a.csv.gz", "or damaged"),
    "a CSV as Parquet": (WHOLE, "a.parquet", "not a readable Parquet file"),
    "a column twice": (b"line_item_usage_type,lineItem/UsageType\n", "a.csv", "column twice"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "sentence"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_refused_with_its_name_and_a_reason(
    as_file: Lay, stage: Stage, content: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(SourceFileError, match=sentence) as refused:
        stage(FORMAT, as_file(content, name))
    assert refused.value.file == name


def test_a_gzipped_file_with_a_byte_order_mark_and_shouted_names_is_read(
    as_file: Lay, stage: Stage
) -> None:
    header, rest = PLAIN.split("\n", 1)
    content = gzip.compress(b"\xef\xbb\xbf" + f"{header.upper()}\n{rest}".encode(), mtime=0)
    (row,) = stage(FORMAT, as_file(content, "cur.csv.gz"))
    assert (row["x_model"], row["reject_reason"]) == ("NovaPro", None)


def test_a_line_that_is_not_csv_is_rejected_under_its_own_number(
    as_file: Lay, stage: Stage
) -> None:
    found = stage(FORMAT, as_file(PLAIN + "only,two\n", "cur.csv"))
    assert [row["reject_reason"] for row in found] == [None, "2 columns where the header has 36"]


def test_a_line_said_twice_counts_once_and_the_second_is_set_aside(
    as_file: Lay, stage: Stage
) -> None:
    other_hour = line(identity_time_interval="2026-09-03T08:00:00Z/2026-09-03T09:00:00Z")
    revised = line(line_item_unblended_cost="0.02")
    found = stage(FORMAT, as_file(cur2_csv(line(), other_hour, revised, line()), "cur.csv"))
    assert [row["reject_field"] for row in found] == [None, None, None, "identity_line_item_id"]
    assert found[3]["reject_reason"].startswith("repeats line 2 of this file word for word")


def test_equal_lines_without_an_identity_are_all_charges(as_file: Lay, stage: Stage) -> None:
    nameless = line(identity_line_item_id="")
    found = stage(FORMAT, as_file(cur2_csv(nameless, nameless), "cur.csv"))
    assert [row["reject_reason"] for row in found] == [None, None]


def test_a_day_of_a_billing_period_is_replaced_as_a_whole(as_file: Lay, stage: Stage) -> None:
    late = line(line_item_usage_start_date="2026-09-04T23:00:00Z", identity_line_item_id="2")
    moved = line(bill_billing_period_start_date="2026-10-01T00:00:00Z", identity_line_item_id="3")
    found = stage(FORMAT, as_file(cur2_csv(line(), late, moved), "cur.csv"))
    assert [row["x_restatement_key"] for row in found] == [
        "aws|001234567890|2026-09-01|2026-09-03",
        "aws|001234567890|2026-09-01|2026-09-04",
        "aws|001234567890|2026-10-01|2026-09-03",
    ]
    assert (found[0]["billing_period_start"], found[0]["billing_period_end"]) == (
        datetime(2026, 9, 1), datetime(2026, 10, 1),
    )  # fmt: skip


MONTH = "export/data/BILLING_PERIOD=2026-09"


@pytest.mark.parametrize(
    ("path", "delivery", "as_of"),
    [
        (f"{MONTH}/cur-00001.csv.gz", MONTH, None),
        (f"{MONTH}/2026-09-15T06:30:00.123Z-ab12/cur-00002.snappy.parquet",
         f"{MONTH}/2026-09-15T06:30:00.123Z-ab12", datetime(2026, 9, 15, 6, 30)),
        ("cur/20260901-20261001/20260915T063000Z/cur-1.csv.gz",
         "cur/20260901-20261001/20260915T063000Z", datetime(2026, 9, 15, 6, 30)),
        ("cur/20260901-20261001/2f0e-uuid/cur-1.csv", "cur/20260901-20261001/2f0e-uuid", None),
        ("sept/cur-00002.snappy.parquet", "sept/cur", None),
        ("cur-00001.csv.gz", "cur", None),
        ("cur-2026-09.csv", None, None),
        ("cur.csv", None, None),
    ],
)  # fmt: skip
def test_the_parts_of_an_export_run_are_one_delivery(
    path: str, delivery: str | None, as_of: datetime | None
) -> None:
    found = aws_delivery(path)
    assert (found.name, found.as_of, found.is_run) == (delivery, as_of, delivery is not None)


def test_rows_carry_the_delivery_of_their_path(as_file: Lay, stage: Stage, tmp_path: Path) -> None:
    name = f"{MONTH}/2026-09-15T06-30-00Z-ab12/cur-00001.csv"
    (tmp_path / name).parent.mkdir(parents=True)
    (row,) = stage(FORMAT, as_file(PLAIN, name))
    assert row["x_delivery"] == str(Path(name).parent)
    assert row["x_as_of"] == datetime(2026, 9, 15, 6, 30)


def test_unread_columns_do_not_disturb_even_with_names_meant_to_break_sql(
    as_file: Lay, stage: Stage
) -> None:
    odd = {'resource_tags_user_it\'s "x"; drop': "1", "line_item_usage_type_2": "x", "a": "2"}
    (row,) = stage(FORMAT, as_file(cur2_csv(line(**odd)), "cur.csv"))
    assert (row["x_model"], row["reject_reason"]) == ("NovaPro", None)
    assert json.loads(row["tags"]) == {'it\'s "x"; drop': "1"}


def test_parquet_numbers_and_times_are_those_of_the_csv(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    small = line(line_item_unblended_cost="0.0000000052", line_item_usage_amount="0.0000000671",
                 pricing_public_on_demand_rate="0.0000004")  # fmt: skip
    (typed,) = stage(FORMAT, as_file(cur2_parquet(tmp_path / "cur.parquet", small)))
    (plain,) = stage(FORMAT, as_file(cur2_csv(small), "cur.csv"))
    differ = {name for name in plain if plain[name] != typed[name]}
    assert differ == {"file_id", "source_line"}
