"""Specification examples and versions of FOCUS: totals, currencies, datasets, corrections.

Totals were added up by hand from the files; what the files state is compared in
`test_focus_samples`.
"""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.focus.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.focus.test_samples import (
    GCP_1_3,
    MONEY,
    QUANTITIES,
    TEXTS,
    TIMES,
    expected,
    raw_rows,
)

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

# Rows, billed and effective total of each specification example that states whose charge it is and
# in what currency; totals added up by hand from the files. Billed is cash, effective consumption.
LOADED = {
    "spec_draft_ai_examples/ai_model_billing__drawdown_via_prepayment.csv": (3, "500000", "50"),
    "spec_draft_ai_examples/ai_model_billing__multi_model_usage.csv": (4, "104.5", "104.5"),
    "spec_draft_ai_examples/ai_prompt_caching_a.csv": (4, "33.9", "33.9"),
    "spec_v1.2_examples/saas_spend_agreements_a1.csv": (4, "1200", "1200"),
    "spec_v1.2_examples/saas_spend_agreements_a2.csv": (13, "1200", "1200"),
    "spec_v1.2_examples/saas_spend_agreements_b1.csv": (5, "1200", "1200"),
    "spec_v1.2_examples/saas_spend_agreements_b2.csv": (14, "1200", "1200"),
    "spec_v1.2_examples/simple_saas_agreements_a1.csv": (1, "10000", "10000"),
    "spec_v1.2_examples/simple_saas_agreements_a2.csv": (1, "50000", "50000"),
    "spec_v1.2_examples/simple_saas_agreements_a3.csv": (1, "1000", "1000"),
    "spec_v1.2_examples/simple_saas_agreements_b.csv": (1, "50000", "50000"),
    "spec_v1.2_examples/simple_saas_agreements_c.csv": (3, "35800", "35800"),
    "spec_v1.2_examples/virtual_currency_pricing_model_a1.csv": (1, "200000", "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_a2.csv": (3, "0", "1230"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b1.csv": (1, "100000", "0"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b2.csv": (3, "0", "615"),
    "spec_v1.2_examples/virtual_currency_pricing_model_b3.csv": (3, "0", "495"),
    "spec_v1.2_examples/virtual_currency_pricing_model_c.csv": (2, "53000", "0"),
}


@pytest.mark.parametrize(
    ("name", "rows", "billed", "effective"), [(n, *v) for n, v in LOADED.items()]
)
def test_a_complete_specification_example_loads_without_a_reject(
    samples: Path, as_file: Lay, stage: Stage, name: str, rows: int, billed: str, effective: str
) -> None:
    found = stage(FORMAT, as_file(samples / "focus" / name))
    assert [row["reject_reason"] for row in found] == [None] * rows
    assert sum(row["billed_cost"] for row in found) == Decimal(billed)
    assert sum(row["effective_cost"] for row in found) == Decimal(effective)
    assert all(row["charge_period_end"] > row["charge_period_start"] for row in found)


def test_specification_excerpts_without_provider_or_currency_are_refused_by_column(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    folder = samples / "focus"
    examples = {
        path for kind in ("spec_v1.2_examples", "spec_draft_ai_examples")
        for path in (folder / kind).glob("*.csv")
    }  # fmt: skip
    excerpts = examples - {folder / name for name in LOADED}
    assert (len(LOADED), len(excerpts)) == (18, 12)
    for path in sorted(excerpts):
        with pytest.raises(SourceFileError) as refused:
            stage(FORMAT, as_file(path))
        missing = "BillingCurrency, ProviderName or ServiceProviderName"
        assert f"no column {missing} (" in refused.value.reason


COMMITMENTS = "generated_focus-data-toolkit/focus_1_3_contract_commitment_aws.csv"


def test_a_contract_commitment_dataset_is_refused_as_what_it_is(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    with pytest.raises(SourceFileError) as refused:
        stage(FORMAT, as_file(samples / "focus" / COMMITMENTS))
    assert refused.value.reason == (
        "is a FOCUS Contract Commitment dataset, which holds no charges: keep it out of the inbox "
        "and deliver the Cost and Usage dataset"
    )


@pytest.mark.parametrize(
    ("header", "dataset"),
    [
        ("BillingPeriodStart,BillingPeriodEnd,BillingPeriodStatus", "Billing Period"),
        ("InvoiceId,InvoiceDetailId,BilledCost,BillingCurrency", "Invoice Detail"),
    ],
)
def test_the_other_datasets_of_1_4_are_refused_as_what_they_are(
    as_file: Lay, stage: Stage, header: str, dataset: str
) -> None:
    with pytest.raises(SourceFileError, match=f"is a FOCUS {dataset} dataset"):
        stage(FORMAT, as_file(f"{header}\n1,2,3,4\n", "bill.csv"))


def test_a_file_about_focus_is_not_cost_and_usage(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    name = "focus_cost_and_usage_columns_1.0_to_1.4.csv"
    with pytest.raises(SourceFileError, match="not a FOCUS Cost and Usage file: no column Billed"):
        stage(FORMAT, as_file(samples / "focus" / name))


def test_a_1_4_file_has_no_provider_and_publisher_and_names_its_invoice_lines(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    """No 1.4 file is public: this is the 1.3 sample less two columns and with one more."""
    raw = raw_rows(samples / "focus" / GCP_1_3)
    gone = ("ProviderName", "PublisherName")
    names = [name for name in raw[0] if name not in gone] + ["InvoiceDetailId"]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "InvoiceDetailId": f"d{n}"} for n, row in enumerate(raw))
    found = stage(FORMAT, as_file(text.getvalue(), "focus-1.4.csv"))
    assert len(found) == 1000
    assert [row["invoice_detail_id"] for row in found] == [f"d{n}" for n in range(1000)]
    for row, source in zip(found, raw, strict=True):
        want = expected(source) | {
            "provider_name": source["ServiceProviderName"], "publisher_name": None,
        }  # fmt: skip
        assert (row["reject_reason"], {name: row[name] for name in want}) == (None, want)


def test_every_column_of_every_version_is_kept_or_left_out_knowingly(samples: Path) -> None:
    with (samples / "focus" / "focus_cost_and_usage_columns_1.0_to_1.4.csv").open() as stream:
        columns = {row["column"] for row in csv.DictReader(stream)}
    kept = {*MONEY, *QUANTITIES, *TIMES, *TEXTS, "ChargeFrequency", "ServiceProviderName"}
    kept |= {"InvoiceDetailId"}
    # what a program may cover says nothing of what was charged
    assert columns - kept == {"CommitmentProgramEligibilityDetails"}


def test_token_lines_of_the_draft_name_model_and_token_class(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    caching = samples / "focus" / "spec_draft_ai_examples" / "ai_prompt_caching_a.csv"
    found = stage(FORMAT, as_file(caching))
    assert [(row["x_token_class"], row["consumed_quantity"]) for row in found] == [
        ("input_uncached", 500_000),
        ("cache_write_other", 2_000_000),
        ("cache_read", 8_000_000),
        ("output", 1_500_000),
    ]
    assert {row["x_model"] for row in found} == {"solora-reasoning-pro"}
    assert {row["x_cost_type"] for row in found} == {"tokens"}
    assert {row["pricing_unit"] for row in found} == {"1000000 Tokens"}
    assert {(row["provider_name"], row["x_provider"]) for row in found} == {
        ("Solora AI", "solora_ai")
    }


def test_a_prepayment_is_cash_once_and_consumption_as_it_is_used(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    name = "ai_model_billing__drawdown_via_prepayment.csv"
    found = stage(FORMAT, as_file(samples / "focus" / "spec_draft_ai_examples" / name))
    assert [(row["charge_category"], row["billed_cost"], row["effective_cost"]) for row in found] \
        == [("Purchase", 500_000, 0), ("Usage", 0, 20), ("Usage", 0, 30)]  # fmt: skip
    assert [row["x_cost_type"] for row in found] == ["purchase", "tokens", "tokens"]
    assert {row["pricing_currency"] for row in found} == {None}
    assert [row["x_api_key_id"] for row in found] == [None] + ["key_05SOLORASUPPLY"] * 2


def test_a_virtual_currency_keeps_its_name_and_its_amount_beside_the_billing_currency(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    name = "virtual_currency_pricing_model_a2.csv"
    found = stage(FORMAT, as_file(samples / "focus" / "spec_v1.2_examples" / name))
    assert [
        (row["billing_currency"], row["billed_cost"], row["effective_cost"],
         row["pricing_currency"], row["pricing_currency_effective_cost"],
         row["pricing_currency_list_unit_price"])
        for row in found
    ] == [("USD", 0, 490, "Token", 245, 1), ("USD", 0, 20, "Token", 10, 2),
          ("USD", 0, 720, "Token", 360, 3)]  # fmt: skip


def test_a_correction_keeps_the_period_of_the_usage_in_a_later_billing_period(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    """The draft's example states no provider and no currency: the test adds both."""
    path = samples / "focus" / "spec_draft_ai_examples/correction_late_arriving_usage_ledger.csv"
    header, line = path.read_text(encoding="utf-8-sig").splitlines()
    content = f"{header},ProviderName,BillingCurrency\n{line},Acme,USD\n"
    (row,) = stage(FORMAT, as_file(content, "late.csv"))
    assert (row["charge_class"], row["billed_cost"], row["list_cost"]) == ("Correction", 1500, 2000)
    assert row["charge_period_start"] == datetime(2025, 5, 1)
    assert row["billing_period_start"] == datetime(2025, 6, 1)
