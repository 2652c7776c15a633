"""The FOCUS export of every kind of source obeys the rules of FOCUS 1.2, as CSV and as Parquet."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.operations.focus_export import export_focus
from pipelines.run.publish import publish
from pipelines.workspace.paths import Workspace as Published
from tests.ingest.billing.aws.cur_lines import cur2_csv, observed
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.aws.test_models import OBSERVED as USAGE_TYPES
from tests.ingest.billing.azure.bills import BOUGHT, COVERED, export, observed_lines
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.gcp.rows import as_json_lines, credit
from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.pipelines.operations.focus_rules import AMOUNTS, TIMES, UNIQUE, broken_by
from tests.pipelines.operations.test_focus_export import PAGE
from tests.support.warehouse import Workspace

ANTHROPIC = """{"request": {"path": "/v1/organizations/cost_report",
 "params": {"group_by": ["workspace_id", "description"]}}, "response": {"data": [
 {"starting_at": "2026-09-01T00:00:00Z", "ending_at": "2026-09-02T00:00:00Z", "results": [
  {"amount": "123.78912", "currency": "USD", "description": "Claude Opus 5 Usage - Input Tokens",
   "cost_type": "tokens", "model": "claude-opus-5", "token_type": "cache_read_input_tokens",
   "service_tier": "standard", "context_window": "0-200k", "inference_geo": "global",
   "workspace_id": null},
  {"amount": "7", "currency": "USD", "description": "Web Search Usage",
   "cost_type": "web_search", "model": null, "token_type": null, "service_tier": null,
   "context_window": null, "inference_geo": null, "workspace_id": "wrkspc_1"}]}],
 "has_more": false, "next_page": null}}"""

OPENROUTER = (
    "generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,"
    "tokens_completion,model_permaslug,variant,provider_name,api_key_name\n"
    "g1,2026-09-01 10:00:00.000,0.05,1.25,100,10,openai/gpt-4.1,standard,Up,prod\n"
    "g2,2026-09-01 10:00:00.000,0.05,,100,10,openai/gpt-4.1,free,Up,\n"
)

KINDS = ("Tax", "Credit", "Refund", "EdpDiscount", "Fee", "RIFee", "SavingsPlanCoveredUsage",
         "SavingsPlanRecurringFee", "SavingsPlanNegation", "DiscountedUsage")  # fmt: skip

AWS = [
    *observed(list(USAGE_TYPES)),
    *(
        cur_line(
            line_item_line_item_type=kind,
            identity_line_item_id=kind,
            line_item_usage_type="",
            savings_plan_savings_plan_a_r_n="arn:plan" if "Savings" in kind else "",
            reservation_reservation_a_r_n="arn:r" if "Discounted" in kind else "",
            line_item_resource_id="arn:aws:bedrock:profile",
            bill_invoice_id="INV-1",
            resource_tags={"team": "search"},
        )
        for kind in KINDS
    ),
    cur_line(
        identity_line_item_id="ec2",
        line_item_product_code="AmazonEC2",
        product_servicecode="EC2",
        line_item_usage_type="USE1-BoxUsage",
        pricing_unit="Hrs",
        product={"product_name": "Amazon Elastic Compute Cloud"},
    ),
]
_FIELDS = dict.fromkeys(name for row in AWS for name in row)

AZURE = [
    *observed_lines(), azure_line(**BOUGHT), azure_line(**COVERED),
    azure_line(ChargeType="Refund", Cost="-3"), azure_line(ChargeType="Tax", Cost="1.9"),
    azure_line(MeterCategory="Storage", MeterSubCategory="Blob", MeterName="LRS Data Stored",
               UnitOfMeasure="1 GB/Month", Tags="no object"),
]  # fmt: skip

GOOGLE = [
    gcp_row(credits=[credit(-0.1)]),
    gcp_row(cost_type="tax", usage__amount=None, sku__description="Tax"),
    gcp_row(cost_type="rounding_error", cost=0.01, sku__description="Rounding error"),
    gcp_row(cost=-0.3, adjustment_info__mode="COMPLETE_NEGATION", invoice__month="202610",
            cost_type="adjustment"),
    gcp_row(service={"id": "6F81-5844-456A", "description": "Compute Engine"},
            sku__description="N2 core", usage__amount=None, usage__unit=None,
            usage__amount_in_pricing_units=None, usage__pricing_unit=None),
]  # fmt: skip

FOCUS = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargeFrequency,ChargePeriodStart,ProviderName,"
    "ServiceCategory,ServiceSubcategory,ServiceName,SkuPriceDetails,Tags,CommitmentDiscountId,"
    "PricingCurrency,PricingCurrencyEffectiveCost,ResourceName,RegionName\n"
    "1,USD,Usage,Usage-based,2026-09-01,Acme,Database,No-SQL DB,AwesomeDB,"
    '"{""A"": {""b"": 1}, ""x_A"": 2, ""CoreCount"": 4}","{""team"": [""a""]}",c-1,Token,3,n,r\n'
    "0,USD,Purchase,Usage-Based,2026-09-01,Acme,,,,not json,not json,c-1,,,,\n"
    "5,USD,Usage,,2026-09-01,Acme,Databases,NoSQL Databases,Good DB,,,,EUR,,,\n"
    '2,USD,Tax,,2026-09-01,Acme,,,,"{}",[1],,,,,\n'
    "-4,USD,Credit,,2026-09-01,Acme,Compute,Serverless Compute,Runner,,,,,,,\n"
)

FocusExport = tuple[Path, Path]


def exported_from(root: Path, bills: dict[str, dict[str, str]]) -> FocusExport:
    """Land bills by format and file name, build, publish and export; the CSV and the Parquet."""
    workspace = Workspace(root, models=("rpt_focus_charges",))
    for format_name, files in bills.items():
        workspace.configure(format_name.replace("_", "-"), f'format = "{format_name}"\n')
        for name, content in files.items():
            workspace.drop(format_name.replace("_", "-"), name, content)
    workspace.build(tests=False)
    assert workspace.query("select * from raw.quarantine") == []
    publish(workspace.warehouse, root / "showback.duckdb")
    csv, parquet = export_focus(Published(root))
    assert csv.rows == parquet.rows > 0
    return csv.path, parquet.path


@pytest.fixture(scope="module")
def of_every_source(tmp_path_factory: pytest.TempPathFactory) -> FocusExport:
    """Bills of all readers, made up where none are public."""
    return exported_from(
        tmp_path_factory.mktemp("every"),
        {
            "openai": {"costs.json": PAGE},
            "anthropic": {"cost.json": ANTHROPIC},
            "openrouter": {"activity.csv": OPENROUTER},
            "aws_cur": {"cur.csv": cur2_csv(*(dict.fromkeys(_FIELDS, "") | r for r in AWS))},
            "azure": {"actual.csv": export(*AZURE)},
            "gcp": {"export.json": as_json_lines(*GOOGLE)},
            "focus": {"acme.csv": FOCUS},
        },
    )


def relation(exported: FocusExport, file_type: str) -> str:
    csv, parquet = exported
    if file_type == "parquet":
        return f"read_parquet('{parquet}')"
    return f"read_csv('{csv}', all_varchar = true, header = true)"


def breaking(exported: FocusExport, file_type: str, predicate: str) -> list[tuple[Any, ...]]:
    """Rows that break a rule: where they came from."""
    with duckdb.connect() as con:
        return con.execute(
            "select x_SourceName, ChargeCategory, ChargeDescription from "
            f"{relation(exported, file_type)} where {predicate} limit 5"
        ).fetchall()


RULES = [pytest.param(predicate, id=rule.replace(" ", "_")) for rule, predicate in broken_by()]


@pytest.mark.parametrize("predicate", RULES)
def test_no_row_of_any_source_breaks_a_rule(of_every_source: FocusExport, predicate: str) -> None:
    for file_type in ("csv", "parquet"):
        assert breaking(of_every_source, file_type, predicate) == []


@pytest.mark.parametrize(("column", "one"), UNIQUE)
def test_what_must_have_one_parent_has_one(
    of_every_source: FocusExport, column: str, one: str
) -> None:
    with duckdb.connect() as con:
        assert (
            con.execute(
                f"select {column} from {relation(of_every_source, 'parquet')}"
                f" where {column} is not null group by {column} having count(distinct {one}) > 1"
            ).fetchall()
            == []
        )


def test_every_kind_of_charge_of_every_source_went_out(of_every_source: FocusExport) -> None:
    with duckdb.connect() as con:
        counts = dict(
            con.execute(
                "select x_SourceName, count(*) from"
                f" {relation(of_every_source, 'parquet')} group by 1"
            ).fetchall()
        )
        categories = con.execute(
            f"select distinct ChargeCategory from {relation(of_every_source, 'csv')} order by 1"
        ).fetchall()
    assert counts == {
        "openai": 3, "anthropic": 2, "openrouter": 3, "aws-cur": len(AWS), "azure": len(AZURE),
        "gcp": len(GOOGLE), "focus": 5,
    }  # fmt: skip
    assert [c for (c,) in categories] == ["Adjustment", "Credit", "Purchase", "Tax", "Usage"]


@pytest.mark.parametrize("column", AMOUNTS)
def test_amounts_are_plain_decimals_in_the_csv(of_every_source: FocusExport, column: str) -> None:
    plain = r"-?\d+(\.\d+)?"
    is_broken = f"{column} is not null and not regexp_full_match({column}, '{plain}')"
    assert breaking(of_every_source, "csv", is_broken) == []


@pytest.mark.parametrize("column", TIMES)
def test_times_are_iso_8601_in_utc_in_the_csv(of_every_source: FocusExport, column: str) -> None:
    iso = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"
    assert breaking(of_every_source, "csv", f"not regexp_full_match({column}, '{iso}')") == []


def test_the_parquet_types_are_those_of_focus(of_every_source: FocusExport) -> None:
    with duckdb.connect() as con:
        described = con.execute(f"describe from {relation(of_every_source, 'parquet')}").fetchall()
    kinds = {name: kind for name, kind, *_ in described}
    assert {kinds[name].partition("(")[0] for name in AMOUNTS} == {"DECIMAL"}
    assert {kinds[name] for name in TIMES} == {"TIMESTAMP"}
    custom = [name.startswith("x_") for name in kinds]
    assert custom == sorted(custom), "custom columns stand behind FOCUS' own"


def test_a_model_goes_out_beside_the_details_that_a_bill_states(
    of_every_source: FocusExport,
) -> None:
    with duckdb.connect() as con:
        rows = con.execute(
            "select SkuPriceDetails, ConsumedQuantity, ConsumedUnit from"
            f" {relation(of_every_source, 'parquet')} where x_SourceName = 'aws-cur'"
            " and SkuMeter = 'USE1-NovaPro-cache-read-input-token-count'"
        ).fetchall()
    assert rows == [
        ('{"x_ModelId":"NovaPro","x_TokenDirection":"Input","x_TokenCacheAction":"Read",'
         '"x_operation":"InvokeModelInference"}', Decimal(9500), "Tokens"),
    ]  # fmt: skip


def test_units_are_written_as_focus_writes_them(of_every_source: FocusExport) -> None:
    with duckdb.connect() as con:
        rows = con.execute(
            "select distinct x_SourceName, PricingUnit, ConsumedUnit from"
            f" {relation(of_every_source, 'parquet')} where ConsumedUnit is not null"
            " and x_SourceName in ('aws-cur', 'azure') order by all"
        ).fetchall()
    assert rows == [
        ("aws-cur", "1000 Tokens", "1000 Tokens"),  # guardrails, whose unit says tokens
        ("aws-cur", "1000 Tokens", "Tokens"),
        ("aws-cur", "Hrs", "Hrs"),
        ("aws-cur", "Units", "Tokens"),
        ("aws-cur", "Units", "Units"),
        ("azure", "1000 Tokens", "Tokens"),
        ("azure", "1000000 Tokens", "Tokens"),
        ("azure", "GB/Month", "GB/Month"),
        ("azure", "Hour", "Hour"),
    ]


def test_what_another_provider_bills_goes_out_as_that_providers_charge(
    of_every_source: FocusExport,
) -> None:
    with duckdb.connect() as con:
        rows = con.execute(
            "select ProviderName, InvoiceIssuerName, ServiceName, BilledCost from"
            f" {relation(of_every_source, 'parquet')} where x_SourceName = 'openrouter' order by 4"
        ).fetchall()
    assert rows == [
        ("OpenRouter", "OpenRouter", "OpenRouter API", Decimal("0.05")),
        ("OpenRouter", "OpenRouter", "OpenRouter API", Decimal("0.05")),
        ("Up", "Up", "Up API", Decimal("1.25")),
    ]


def test_values_that_focus_does_not_allow_become_values_that_it_does(
    of_every_source: FocusExport,
) -> None:
    with duckdb.connect() as con:
        rows = con.execute(
            "select ServiceCategory, ServiceSubcategory, SkuPriceDetails, Tags, ChargeFrequency,"
            f" PricingCurrency, PricingCurrencyEffectiveCost from"
            f" {relation(of_every_source, 'parquet')}"
            " where x_SourceName = 'focus' order by x_SourceRecord"
        ).fetchall()
    assert rows == [
        ("Other", "Other (Other)", '{"x_A":2,"CoreCount":4}', '{"team":"[\\"a\\"]"}',
         "Usage-Based", "Token", 3),
        ("Other", "Other (Other)", '{"x_Unparsed":"not json"}', '{"x_Unparsed":"not json"}',
         "One-Time", "USD", 0),
        ("Databases", "NoSQL Databases", None, None, "Usage-Based", "USD", 5),
        ("Other", "Other (Other)", None, '{"x_Unparsed":"[1]"}', "One-Time", "USD", 2),
        ("Compute", "Serverless Compute", None, None, "One-Time", "USD", -4),
    ]  # fmt: skip


SAMPLES = (
    "focus_sample_1.0.csv",
    "generated_focus-data-toolkit/focus_1_2_cost_and_usage_aws.csv",
    "generated_focus-data-toolkit/focus_1_3_cost_and_usage_gcp.csv",
    "spec_v1.2_examples/virtual_currency_pricing_model_a1.csv",
    "spec_v1.2_examples/virtual_currency_pricing_model_a2.csv",
    "spec_v1.2_examples/saas_spend_agreements_b1.csv",
    "spec_draft_ai_examples/ai_prompt_caching_a.csv",
    "spec_draft_ai_examples/ai_model_billing__drawdown_via_prepayment.csv",
)


@pytest.fixture(scope="module")
def of_samples(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> FocusExport:
    """FOCUS bills that others published."""
    folder = shared / "samples" / "billing" / "focus"
    return exported_from(
        tmp_path_factory.mktemp("samples"),
        {"focus": {name: (folder / name).read_text(encoding="utf-8") for name in SAMPLES}},
    )


@pytest.mark.parametrize("predicate", RULES)
def test_no_row_of_a_published_bill_breaks_a_rule(of_samples: FocusExport, predicate: str) -> None:
    for file_type in ("csv", "parquet"):
        assert breaking(of_samples, file_type, predicate) == []
