"""Who wrote a shared prefix cache, who read it, and what the one owes the other."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.story.month import anthropic_page
from tests.support.warehouse import Workspace

LOG = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
feature = "feature"
prompt_version = "prompt"
provider = { constant = "anthropic" }
request_model = { constant = "sonata" }
[tokens]
input = "plain"
input_includes_cache = false
cache_read = "read"
cache_write_5m = "written"
output = "out"
"""
PRICES = ("input_uncached,1", "cache_read,0.1", "cache_write_5m,1.25", "output,1")
CALLS = """id,at,feature,prompt,plain,written,read,out
c1,2026-10-02T09:00:00Z,chat,v1,0,8000000,3000000,0
c2,2026-10-02T09:30:00Z,search,v1,0,0,1000000,0
c3,2026-10-02T09:30:00Z,search,,0,0,9000000,0
c4,2026-10-02T09:30:00Z,chat,v2,0,4000000,0,0
c5,2026-10-03T09:00:00Z,chat,v1,0,8000000,0,0
c6,2026-10-03T09:30:00Z,search,v1,0,0,1000000,0
"""
"""The 2nd: 10.00 + 0.30, 0.10, 0.90, 5.00 = 16.30. The 3rd: 10.00 + 0.10 = 10.10."""

Cents = dict[int, dict[str, str]]
"""By day and token class, as Anthropic's cost report has them."""

OCTOBER_2: Cents = {  # half of the estimate: a discount
    2: {"cache_creation.ephemeral_5m_input_tokens": "750", "cache_read_input_tokens": "65"}
}
OCTOBER_3: Cents = {
    3: {"cache_creation.ephemeral_5m_input_tokens": "1000", "cache_read_input_tokens": "10"}
}


def workspace_of(root: Path, cache_sharing: str, *bills: Cents) -> Workspace:
    workspace = Workspace(
        root, {"reporting_timezone": "UTC", "cache_sharing": cache_sharing},
        models=("fct_cache_transfers", "fct_showback", "rpt_cross_subsidy"),
    )  # fmt: skip
    workspace.prices(*(f"anthropic,sonata,standard,{price},2026-01-01,,," for price in PRICES))
    workspace.configure("log", LOG)
    workspace.configure("anthropic", 'format = "anthropic"')
    workspace.drop("log", "october.csv", CALLS)
    for bill in bills:
        workspace.drop("anthropic", f"{min(bill)}.json", anthropic_page(bill))
    return workspace


def paid(workspace: Workspace) -> list[tuple[Any, ...]]:
    return workspace.query("select line, feature, charge_usd from marts.fct_showback order by all")


TRANSFERS = (
    "select day(utc_day), prompt_version, from_feature, to_feature, transfer_usd, is_settled"
    " from marts.fct_cache_transfers order by all"
)


def test_readers_bear_what_writing_was_dearer_by_at_the_price_that_was_billed(
    tmp_path: Path,
) -> None:
    """v1: 2.00 dearer, half of it billed: 1.00; 3 of 4 tokens were chat's own. v2: nobody read."""
    workspace = workspace_of(tmp_path, "prompt_version", OCTOBER_2)
    workspace.build()
    assert workspace.query(TRANSFERS) == [(2, "v1", "search", "chat", Decimal("0.25"), True)]
    assert paid(workspace) == [
        ("cache sharing", "chat", Decimal("-0.25")), ("cache sharing", "search", Decimal("0.25")),
        ("usage", "chat", Decimal("7.65")), ("usage", "search", Decimal("0.5")),
    ]  # fmt: skip
    assert workspace.query(
        "select member, borne_usd, cache_usd, cross_subsidy_usd from reports.rpt_cross_subsidy"
        " where dimension = 'feature' order by all"
    ) == [("chat", Decimal("7.4"), Decimal("-0.25"), 0), ("search", Decimal("0.75"),
                                                          Decimal("0.25"), 0)]  # fmt: skip


def test_with_one_group_a_model_calls_without_a_prompt_version_share_too(tmp_path: Path) -> None:
    """3.00 dearer, 1.50 billed; search read 10 of 13 million tokens."""
    workspace = workspace_of(tmp_path, "model", OCTOBER_2)
    workspace.build(tests=False)
    assert workspace.query(TRANSFERS) == [
        (2, None, "search", "chat", Decimal("1.153846153846"), True)
    ]


def test_by_default_nothing_moves_and_the_view_of_who_carries_whom_says_what_would(
    tmp_path: Path,
) -> None:
    workspace = workspace_of(tmp_path, "off", OCTOBER_2)
    workspace.build(tests=False)
    assert workspace.query(TRANSFERS) == [(2, "v1", "search", "chat", Decimal("0.25"), False)]
    assert {line for line, _, _ in paid(workspace)} == {"usage"}
    assert workspace.query(
        "select member, borne_usd, cross_subsidy_usd from reports.rpt_cross_subsidy"
        " where dimension = 'feature' order by all"
    ) == [("chat", Decimal("7.65"), Decimal("0.25")), ("search", Decimal("0.5"),
                                                       Decimal("-0.25"))]  # fmt: skip


@pytest.mark.slow
def test_a_bill_that_comes_later_moves_its_own_day_as_a_fresh_build_would(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = workspace_of(tmp_path, "prompt_version", OCTOBER_2)
    workspace.build(tests=False)
    workspace.drop("anthropic", "3.json", anthropic_page(OCTOBER_3))
    assert not workspace.build().full_refresh
    fresh = workspace_of(tmp_path_factory.mktemp("f"), "prompt_version", OCTOBER_2, OCTOBER_3)
    fresh.build(tests=False)
    assert workspace.query(TRANSFERS) == fresh.query(TRANSFERS)
    assert workspace.query(TRANSFERS)[1] == (3, "v1", "search", "chat", Decimal(2), True)
    assert paid(workspace) == paid(fresh)
