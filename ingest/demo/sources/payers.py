"""Who pays at Larkspur: an org tree with a reorganisation, rules for shared cost, revenue.

Also what it promised and was given (commitments), what its teams may spend (budgets), and who acts
on what moves a cost (owners).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from ingest.demo.clock import day_date
from ingest.demo.company.prices import HELP_SEARCH
from ingest.demo.company.workloads import TENANTS
from ingest.demo.money import usd_text
from ingest.demo.sources.focus.files import Charge
from ingest.demo.sources.focus.vector_database import INDEX
from ingest.demo.sources.litellm import key_hash

REORGANISED = date(2026, 7, 16)
"""From this day on invoice capture belongs to the new team Document Processing."""

ORG_CSV = f"""\
kind,name,parent,owner,valid_from,valid_to,note
feature,support_assistant,Customer Support,,,,
feature,invoice_capture,Finance Automation,,,{REORGANISED},
feature,invoice_capture,Document Processing,,{REORGANISED},,moved with the reorganisation
feature,code_review_bot,Developer Tools,,,,
feature,contract_check,Finance Automation,,,,
feature,proposal_writer,Finance Automation,,,,
feature,market_research,Finance Automation,,,,
team,Customer Support,Service,mara@larkspur.example,,,
team,Document Processing,Service,,{REORGANISED},,
team,Finance Automation,Back Office,jonas@larkspur.example,,,
team,Developer Tools,Product,,,,
cost_centre,Service,Larkspur,ines@larkspur.example,,,
cost_centre,Back Office,Larkspur,,,,
cost_centre,Product,Larkspur,tom@larkspur.example,,,
cost_centre,Larkspur,,cfo@larkspur.example,,,
"""

VECTOR_SHARES = {"support_assistant": 80, "invoice_capture": 20}
"""Percent of what the vector database stores, as the two teams agreed."""

IDLE_SHARES = {"Customer Support": 75, "Developer Tools": 25}
"""Percent of the reserved inference that lies idle: as much as each team asked to reserve."""

_IDLE_CELL = " and ".join(f'""{team}"" = {percent}' for team, percent in IDLE_SHARES.items())

RULES_CSV = f"""\
pool,when,method,by,shares,valid_from,valid_to,note
search index,provider = vectorhaus and charge_description = {INDEX},driver,tool:{HELP_SEARCH},,,,\
whoever searches
vector database,provider = vectorhaus and line = usage,fixed,feature,\
support_assistant = 80 and invoice_capture = 20,,,as the teams agreed
VAT,provider = vectorhaus and line = tax,proportional,charge,,,,
start-up credit,provider = vectorhaus and line = credit,even,tenant,,,,
own model,provider = rechenwerk and line = usage,fixed,feature,support_assistant = 100,,,\
it reads tickets alone
idle inference,provider = rechenwerk and line = idle commitment,fixed,team,\
"{_IDLE_CELL}",,,as much as each asked to reserve
"""


def adjustments_truth(taken_back: Sequence[Charge]) -> list[dict[str, str]]:
    """`adjustments`: what a bill that is corrected after the close is less, by line and payer."""
    found = []
    for charge in taken_back:
        if charge.category == "Usage":
            found += [
                {
                    "line": "shared cost",
                    "feature": feature,
                    "usd": usd_text(charge.nano * percent // 100),
                }
                for feature, percent in VECTOR_SHARES.items()
            ]
        else:  # spread by what everybody is charged
            found.append({"line": charge.category.lower(), "usd": usd_text(charge.nano)})
    return found


REVENUE = {"aldermere": 62_000, "brightwater": 48_000, "castellan": 39_000, "dunmore": 6_200}
"""US dollars a month; what eastvale pays is not stated."""

RENEWED = ("brightwater", date(2026, 8, 1), 51_000)

REVENUE_CSV = (
    "tenant,usd_per_month,valid_from,valid_to,note\n"
    + "".join(
        f"{tenant},{usd},,{RENEWED[1] if tenant == RENEWED[0] else ''},\n"
        for tenant, usd in REVENUE.items()
    )
    + f"{RENEWED[0]},{RENEWED[2]},{RENEWED[1]},,renewed\n"
)

AGREED_USD, CREDIT_USD = 150_000, 1_200
"""What Larkspur promised to spend with Anthropic, and what Vectorhaus gives it, each in a term."""

COMMITTED_FROM = date(2026, 7, 1)

COMMITMENTS_CSV = f"""\
commitment,kind,provider,match,usd,usd_per,capacity,unit,valid_from,valid_to,note
Anthropic 2026 H2,spend,anthropic,,{AGREED_USD},,,,{COMMITTED_FROM},2027-01-01,agreement of June
Vectorhaus start-up credit,credit,vectorhaus,charge_category = Credit,{CREDIT_USD},,,,\
{COMMITTED_FROM},2027-01-01,expires at the end of the year
"""

BUDGETS = {
    ("cost_centre", "Service"): 9_000,
    ("cost_centre", "Back Office"): 26_000,
    ("cost_centre", "Product"): 22_500,
    ("team", "Customer Support"): 7_000,
    ("team", "Developer Tools"): 22_500,
}
"""US dollars a month."""

BUDGETS_CSV = "kind,name,monthly_usd,valid_from,valid_to,note\n" + "".join(
    f"{kind},{name},{usd},,,\n" for (kind, name), usd in BUDGETS.items()
)

MARKED_UP, MARK_UP_PERCENT = "dunmore", 12
PRICED_FEATURE, USD_A_CALL, PRICED_FROM = "contract_check", Decimal("6.75"), "2026-07"
INTERNAL_PRICES_CSV = f"""\
kind,name,unit,value,valid_from,valid_to,note
tenant,{MARKED_UP},percent,{MARK_UP_PERCENT},,,small contracts bear what it takes to run them
feature,{PRICED_FEATURE},call,{USD_A_CALL},{PRICED_FROM}-01,,a price that legal can plan with
"""

OWNERS_CSV = """\
driver,feature,owner,note
loops,,Agent Platform,step limits and stop rules
loops,code_review_bot,Developer Tools,
success_rate,,Product Quality,prompt versions and evaluations
success_rate,invoice_capture,Document Processing,
tokens_per_call,,Prompt Guild,
human_minutes,,Customer Support,what people do beside the model
cache_mix,,Prompt Guild,prefixes that stay the same
response_cache,,Gateway Team,
model_mix,,Gateway Team,routing rules
price,,FinOps,contracts and the price list
price_coverage,,FinOps,
any,,FinOps,
"""

Costs = Mapping[tuple[str | None, str | None, str | None], int]
"""Nano-dollars of calls on billed days by feature, tenant and team, None where nobody said."""


LOG_STORAGE_CSV = """\
source,usd_per_gb_month,retention_days,keep_at_least_days,keep_at_most_days,valid_from,valid_to,note
litellm,0.75,365,30,90,,,prompts are personal data: three months at most
outcomes,0.10,30,180,,,,the auditor asks for half a year
openai,0.03,,3650,,,,bills: ten years
anthropic,0.03,,3650,,,,bills: ten years
cloud-focus,0.03,,3650,,,,bills: ten years
*,0.10,90,,,,,
"""
"""Two sources are kept as policy forbids: the gateway's log too long, the outcomes too short."""


ATTRIBUTION_CSV = (
    "when,set,mode,valid_from,valid_to,note\n"
    "source_name = help-search,feature = support_assistant and team = Customer Support,fill,"
    f"{day_date(0)},,its log knows no features\n"
)


def keys_csv() -> str:
    """What the gateway calls the keys of the teams' own services."""
    names = ("customer-support", "developer-tools", "finance-automation", "document-processing")
    rows = [f"{key_hash(name, 'prod')},{name}-prod," for name in names]
    return "\n".join(("key,alias,note", *rows, ""))


def write_payers(config: Path) -> None:
    """Write the files of who pays, what is promised, what may be spent and who acts."""
    for name, text in (
        ("org", ORG_CSV),
        ("allocation", RULES_CSV),
        ("revenue", REVENUE_CSV),
        ("commitments", COMMITMENTS_CSV),
        ("budgets", BUDGETS_CSV),
        ("internal_prices", INTERNAL_PRICES_CSV),
        ("owners", OWNERS_CSV),
        ("log_storage", LOG_STORAGE_CSV),
        ("attribution", ATTRIBUTION_CSV),
        ("keys", keys_csv()),
    ):
        (config / f"{name}.csv").write_text(text, encoding="utf-8")


def team_of(feature: str | None, team: str | None, day: date) -> str | None:
    """Team of a call: the feature's by the org tree of the day goes before the call's own."""
    homes = {
        "support_assistant": "Customer Support",
        "code_review_bot": "Developer Tools",
        "contract_check": "Finance Automation",
        "proposal_writer": "Finance Automation",
        "market_research": "Finance Automation",
        "invoice_capture": "Document Processing" if day >= REORGANISED else "Finance Automation",
    }
    return homes[feature] if feature else team


def cost_centre(feature: str | None, team: str | None, day: date) -> str | None:
    """Cost centre of a call's team."""
    centres = {
        "Customer Support": "Service",
        "Document Processing": "Service",
        "Finance Automation": "Back Office",
        "Developer Tools": "Product",
    }
    return centres.get(team_of(feature, team, day) or "")


def shared_cost(
    costs: Costs, searches: Costs, charges: Sequence[Charge]
) -> dict[str, dict[str, Fraction]]:
    """What each feature, tenant and team bears of a month's shared cost and idle capacity, exactly.

    The vector database and who hosts the own model bill it, with VAT and a credit. The search
    index goes by the number of `searches` that the help search answered itself.
    """
    borne: dict[tuple[str | None, str | None, str | None], Fraction] = defaultdict(Fraction)
    for amount, side, member in _parts(costs, charges):
        cells = {c: nano for c, nano in costs.items() if side is None or c[side] == member}
        if not any(cells.values()):
            cells = {(None, None, None): 1}  # nobody with a weight: it stays unallocated
        total = sum(cells.values())
        for cell, nano in cells.items():
            borne[cell] += amount * Fraction(nano, total)
    index = sum((Fraction(c.usd) for c in charges if c.description == INDEX), Fraction(0))
    found = sum(searches.values())
    for cell, count in searches.items() if found else [((None, None, None), 1)]:
        borne[cell] += index * Fraction(count, found or 1)
    return {
        name: _by_member((cell[side], usd) for cell, usd in borne.items())
        for side, name in enumerate(("feature", "tenant", "team"))
    }


def _parts(
    costs: Costs, charges: Sequence[Charge]
) -> Iterable[tuple[Fraction, int | None, str | None]]:
    """Amounts, each with who bears it: side (0 feature, 1 tenant, 2 team, None all) and member."""
    pools: dict[tuple[str, str, bool], Fraction] = defaultdict(Fraction)
    for charge in charges:
        if charge.description != INDEX:
            pools[charge.provider, charge.category, charge.is_idle] += Fraction(charge.usd)
    yield pools["vectorhaus", "Tax", False], None, None
    for name, percent in VECTOR_SHARES.items():
        yield pools["vectorhaus", "Usage", False] * percent / 100, 0, name
    charged = [tenant for tenant in TENANTS if any(costs[c] for c in costs if c[1] == tenant)]
    for tenant in charged:
        yield pools["vectorhaus", "Credit", False] / len(charged), 1, tenant
    yield pools["rechenwerk", "Usage", False], 0, "support_assistant"
    for name, percent in IDLE_SHARES.items():
        yield pools["rechenwerk", "Usage", True] * percent / 100, 2, name


def idle_by_team(charges: Sequence[Charge]) -> list[dict[str, str]]:
    """`idle_commitment`: what each team bears of a month's idle capacity."""
    months: dict[str, Fraction] = defaultdict(Fraction)
    for charge in charges:
        if charge.is_idle:
            months[f"{charge.start:%Y-%m}"] += Fraction(charge.usd)
    return [
        {"month": month, "team": team, "usd": usd_text(round(usd * percent / 100 * 10**9))}
        for month, usd in sorted(months.items())
        for team, percent in IDLE_SHARES.items()
    ]


def internal_prices(
    month: str, tenants: Mapping[str, Fraction], features: Mapping[str, Fraction], calls: int
) -> list[dict[str, str]]:
    """`internal_prices` of a month, to the cent; `calls` are those of the priced feature."""
    found = [("tenant", MARKED_UP, tenants.get(MARKED_UP, Fraction(0)) * MARK_UP_PERCENT / 100)]
    if month >= PRICED_FROM:
        cost = features.get(PRICED_FEATURE, Fraction(0))
        found.append(("feature", PRICED_FEATURE, calls * Fraction(USD_A_CALL) - cost))
    return [
        {
            "month": month,
            "kind": kind,
            "member": member,
            "usd": str(Decimal(round(usd * 100)).scaleb(-2)),
        }
        for kind, member, usd in found
    ]


def _by_member(amounts: Iterable[tuple[str | None, Fraction]]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for member, usd in amounts:
        name = member or "unallocated"
        found[name] = found.get(name, Fraction(0)) + usd
    return found
