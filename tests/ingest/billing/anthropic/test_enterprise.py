"""Claude Enterprise's cost report: people's products, in cents, not final for thirty days."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.anthropic.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.anthropic.test_reader import page_of, wrapped

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

PATH = "/v1/organizations/analytics/cost_report"
COST = {"amount": "41280.000000", "list_amount": "50000", "currency": "USD", "product": "cowork"}


def test_the_observed_page_is_a_charge_of_a_provider_of_its_own(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    file = as_file(samples / "anthropic" / "enterprise_analytics_cost_report_observed.json")
    (row,) = stage(FORMAT, file)
    stated = {name: value for name, value in row.items() if value is not None}
    assert stated == {
        "table": "billing_charges",
        "file_id": 1,
        "source_line": 1,
        "x_record": 1,
        "x_restatement_key": "anthropic|analytics/cost_report|2026-09-08T00:00:00Z",
        "provider_name": "Anthropic",
        "x_provider": "anthropic.claude_enterprise",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "billing_period_start": datetime(2026, 9, 1),
        "billing_period_end": datetime(2026, 10, 1),
        "charge_period_start": datetime(2026, 9, 8),
        "charge_period_end": datetime(2026, 9, 9),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "billed_cost": Decimal("27.9918745"),  # 2799.187450 cents
        "effective_cost": Decimal("27.9918745"),
        "list_cost": Decimal("27.9918745"),
        "billing_currency": "USD",
        "service_name": "chat",
        "x_model": "claude-fable-5",
        "x_token_class": "output",
        "x_cost_type": "tokens",
    }


def test_amount_is_billed_and_list_amount_is_at_list_both_from_cents(
    as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(COST | {"requests": 3}))))
    assert (row["billed_cost"], row["list_cost"]) == (Decimal("412.8"), Decimal("500"))
    assert (row["consumed_quantity"], row["consumed_unit"]) == (3, "Requests")
    assert row["service_name"] == "cowork"


def test_the_watermark_says_as_of_when_and_the_invoice_is_not_there_yet(
    as_file: Lay, stage: Stage
) -> None:
    page = page_of(COST) | {"data_refreshed_at": "2025-08-02T20:00:00Z", "organization_id": "o-1"}
    (row,) = stage(FORMAT, as_file(wrapped(page, PATH)))
    assert (row["x_as_of"], row["billing_account_id"]) == (datetime(2025, 8, 2, 20), "o-1")
    assert row["invoice_id"] is None
    (row,) = stage(FORMAT, as_file(wrapped(page_of(COST), PATH)))
    assert row["x_as_of"] == datetime(2025, 8, 3, 4)  # the fetch, when there is no watermark


def test_the_same_page_without_analytics_marks_is_the_apis_bill(as_file: Lay, stage: Stage) -> None:
    plain = {"amount": "5", "currency": "USD"}
    (api,) = stage(FORMAT, as_file(wrapped(page_of(plain))))
    (seats,) = stage(FORMAT, as_file(wrapped(page_of(plain), PATH)))
    assert (api["x_provider"], seats["x_provider"]) == ("anthropic", "anthropic.claude_enterprise")
    assert api["x_restatement_key"] != seats["x_restatement_key"]


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/v1/organizations/analytics/usage_report", page_of({"uncached_input_tokens": 1})),
        ("/v1/organizations/analytics/user_cost_report", page_of(COST)),
        ("/v1/organizations/analytics/users", {"data": [{"user": {}}]}),
        (None, page_of({"uncached_input_tokens": 1, "output_tokens": 1, "product": "chat"})),
        (None, page_of(COST | {"actor": {"type": "user"}})),
        (None, {"data": [{"actor": {}, "amount": "1"}], "data_refreshed_at": "2026-09-01"}),
    ],
)
def test_other_analytics_are_refused_because_they_bill_nothing_or_people(
    as_file: Lay, stage: Stage, path: str | None, page: dict[str, Any]
) -> None:
    content = wrapped(page, path) if path else json.dumps(page)
    with pytest.raises(SourceFileError, match="only analytics/cost_report is loaded"):
        stage(FORMAT, as_file(content))


def test_groups_of_people_overlap_and_are_refused(as_file: Lay, stage: Stage) -> None:
    grouped = wrapped(page_of(COST), PATH, **{"group_by[]": ["product", "rbac_group_id"]})
    bare = json.dumps(page_of(COST, COST | {"rbac_group_id": "rbac_group_1"}))
    for content in (grouped, bare):
        with pytest.raises(SourceFileError, match="does not add up") as refused:
            stage(FORMAT, as_file(content))
        assert refused.value.field == "rbac_group_id"


def test_a_page_of_another_organization_is_refused(as_file: Lay, stage: Stage) -> None:
    page = page_of(COST) | {"organization_id": "o-1"}
    with pytest.raises(SourceFileError, match="move it to that organization's inbox folder"):
        stage(FORMAT, as_file(json.dumps(page)), account="o-2")
    (row,) = stage(FORMAT, as_file(json.dumps(page)), account="o-1")
    assert row["billing_account_id"] == "o-1"
