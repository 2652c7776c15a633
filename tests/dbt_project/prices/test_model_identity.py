"""A model's calls and its bill meet under one name, whichever channel and words they use."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingest.billing.aws.cur_lines import cur2_csv, line
from tests.support.warehouse import Workspace

CALLS = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
operation = { constant = "chat" }
started_at = "at"
provider = "provider"
response_model = "model"
[tokens]
input = "input"
output = "output"
"""
# A million tokens in at 3 USD: what 1,000 blocks of 1K at 0.003 USD are on the bill of 3 September.
CALL_LINES = """id,at,provider,model,input,output
c1,2026-09-03T07:10:00Z,bedrock,us.anthropic.claude-sonnet-4-6-v1:0,400000,0
c2,2026-09-03T07:20:00Z,aws_bedrock,anthropic.claude-sonnet-4-6-v1:0,600000,0
c3,2026-09-03T07:30:00Z,azure,prod-chat,1000000,0
c4,2026-09-04T07:30:00Z,azure,prod-chat,1000000,0
"""
FOCUS = """BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,SkuPriceDetails
7.25,USD,Usage,2026-09-03T00:00:00Z,AWS,"{""ModelId"": ""Claude9Quartz""}"
0.75,USD,Usage,2026-09-05T00:00:00Z,AWS,"{""ModelId"": ""Claude9Quartz""}"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path, models=("fct_tie_out", "rpt_unmapped_models"))
    workspace.configure("gateway", CALLS)
    workspace.configure("aws", 'format = "aws_cur"\n')
    workspace.configure("focus", 'format = "focus"\n')
    workspace.prices(
        "aws,regional.anthropic.claude-sonnet-4-6-v1:0,,input_uncached,3,,,,",
        "azure,gpt-4o,,input_uncached,2,,,,",
        "azure,gpt-5,,input_uncached,1,,,,",
    )
    workspace.drop("gateway", "calls.csv", CALL_LINES)
    workspace.drop("focus", "bill.csv", FOCUS)
    workspace.drop("aws", "cur.csv", cur2_csv(
        line(line_item_usage_type="USE1-Claude4.6Sonnet-input-tokens",
             line_item_usage_amount="1000", line_item_unblended_cost="3.00"),
    ))  # fmt: skip
    return workspace


def test_bedrock_calls_tie_out_to_the_bills_own_words(workspace: Workspace) -> None:
    workspace.build()
    assert workspace.query(
        "select day, estimate_usd, charge_usd, status from marts.fct_tie_out"
        " where provider = 'aws.bedrock' and model = 'claude-sonnet-4-6'"
    ) == [(*workspace.query("select date '2026-09-03'")[0], Decimal(3), Decimal(3), "tied")]
    assert workspace.query(
        "select distinct x_model, model_id, is_model_known from marts.fct_charges"
        " where source_name = 'aws'"
    ) == [("Claude4.6Sonnet", "claude-sonnet-4-6", True)]


def test_a_name_that_nobody_knows_stands_in_the_unmapped_bucket_until_it_is_explained(
    workspace: Workspace,
) -> None:
    workspace.build()
    bucket = "select model, charge_lines, charge_usd, calls from reports.rpt_unmapped_models"
    assert workspace.query(f"{bucket} order by model") == [
        ("Claude9Quartz", 2, Decimal(8), 0), ("prod-chat", 0, None, 2),
    ]  # fmt: skip
    assert workspace.query(
        "select status, charge_usd from marts.fct_tie_out where model = 'Claude9Quartz'"
        " order by day"
    ) == [("unmapped", Decimal("7.25")), ("unmapped", Decimal("0.75"))]

    workspace.names("aws.bedrock,Claude9Quartz,claude-quartz-9,,,", "azure,prod-chat,gpt-4o,,,")
    changes = workspace.build()
    # only the days of the two names are computed again
    assert [str(day) for day in changes.days] == ["2026-09-03", "2026-09-04", "2026-09-05"]
    assert not changes.full_refresh
    assert workspace.query(bucket) == []
    assert workspace.value(
        "select sum(charge_usd) from marts.fct_charges where model_id = 'claude-quartz-9'"
    ) == Decimal(8)


def test_reported_usage_takes_the_name_that_is_explained_later(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=("fct_tie_out", "rpt_unmapped_models"))
    workspace.configure("openai", 'format = "openai"\n')
    export = "start_time,end_time,model,input_tokens,output_tokens\n"
    workspace.drop(
        "openai",
        "completions_usage_2026-09-03.csv",
        f"{export}1788393600,1788480000,quartz-9,7,1\n",
    )
    workspace.build()
    named = "select utc_day::varchar, model_id, is_model_known from marts.fct_provider_usage"
    assert workspace.query(named) == [("2026-09-03", "quartz-9", False)]
    workspace.names("openai,quartz-9,gpt-quartz-9,,,")
    changes = workspace.build()
    assert [str(day) for day in changes.days] == ["2026-09-03"]
    assert workspace.query(named) == [("2026-09-03", "gpt-quartz-9", True)]


def test_a_deployment_is_priced_as_what_it_was_at_the_time_of_each_call(
    workspace: Workspace,
) -> None:
    workspace.names(
        "azure,prod-chat,gpt-4o,,2026-09-04,", "azure,prod-chat,gpt-5,2026-09-04,,moved",
    )  # fmt: skip
    workspace.build()
    assert workspace.query(
        "select call_id, provider, model_id, estimate_usd from marts.fct_calls"
        " where response_model = 'prod-chat' order by call_id"
    ) == [
        ("c3", "azure.ai.openai", "gpt-4o", Decimal(2)),
        ("c4", "azure.ai.openai", "gpt-5", Decimal(1)),
    ]


@pytest.mark.slow
def test_a_changed_explanation_gives_what_a_fresh_build_gives(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace.models = None
    workspace.build()
    workspace.names("azure,prod-chat,gpt-4o,2026-09-04,,")
    workspace.build()
    fresh = workspace.fresh(tmp_path_factory.mktemp("fresh"))
    assert workspace.contents() == fresh.contents()
