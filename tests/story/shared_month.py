"""The files of `shared_cost.md`: calls, tasks, two bills, an org tree and rules for shared cost."""

from __future__ import annotations

from tests.story.month import openai_page
from tests.support.warehouse import Workspace

CALL_LOG = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
task_id = "task"
feature = "feature"
tenant_id = "customer"
team = { constant = "somebody" }
provider = { constant = "openai" }
request_model = { constant = "scribe" }
[tokens]
input = "tokens"
output = "out"
"""

CALLS = """\
id,at,task,feature,customer,tokens,out
c1,2026-10-02T09:00:00Z,T1,chat,acme,6000000,0
c2,2026-10-02T09:00:00Z,,chat,bolt,2000000,0
c3,2026-10-20T09:00:00Z,T2,chat,acme,4000000,0
c4,2026-10-20T09:00:00Z,,search,acme,1000000,0
c5,2026-10-20T09:00:00Z,T3,search,bolt,3000000,0
"""

TOOL_LOG = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
status = "status"
feature = "feature"
tenant_id = "customer"
operation = { constant = "retrieval" }
tool_name = { constant = "vector_search" }
provider = { constant = "vectorhaus" }
"""

TOOL_CALLS = """\
id,at,status,feature,customer
v1,2026-10-02T09:00:00Z,ok,chat,acme
v2,2026-10-02T09:00:00Z,ok,chat,acme
v3,2026-10-02T09:00:00Z,ok,chat,acme
v4,2026-10-20T09:00:00Z,ok,search,bolt
v5,2026-10-20T09:00:00Z,error,search,acme
"""

EVALUATIONS = """
format = "outcomes"
file_type = "csv"
[fields]
task_id = "task"
judged_at = "at"
outcome = "says"
evaluator_type = { constant = "business_system" }
"""

EVALUATIONS_CSV = "task,at,says\n" + "".join(
    f"T{number},2026-10-21T10:00:00Z,success\n" for number in (1, 2, 3)
)

INVOICE = (
    ("platform", "Usage", "", "16", "Platformer"),
    ("seats", "Usage", "", "12", "Platformer"),
    ("workshop", "Usage", "", "100", "Platformer"),
    ("vectors", "Usage", "", "8", "Vectorhaus"),
    ("audit", "Usage", "", "22", "Platformer"),
    ("evals", "Usage", "", "9", "Platformer"),
    ("crawler", "Usage", "", "7", "Platformer"),
    ("vat", "Tax", "", "3.20", "OpenAI"),
    ("goodwill", "Credit", "", "-1.60", "Platformer"),
    ("reserved", "Usage", "Unused", "4", "Platformer"),
    ("oncall", "Usage", "", "6", "Platformer"),
    ("support", "Usage", "", "1.50", "Platformer"),
    ("unused and unclaimed", "Usage", "Unused", "5", "Platformer"),
    ("unclaimed", "Usage", "", "0.25", "Platformer"),
)
"""What, FOCUS category, status of the commitment, dollars, provider."""

ORG = (
    "feature,chat,web,,,2026-10-16,",
    "feature,chat,core,,2026-10-16,,moved",
    "feature,search,core,,,,",
    "team,web,service,,,,",
    "team,core,tech,,,,",
    "team,ops,service,,,,",
    "cost_centre,service,,,,,",
    "cost_centre,tech,service,,,,",
)

RULES = (
    "platform,charge_description = platform,proportional,,,,,",
    "seats,charge_description = seats,even,feature,,,,",
    "workshop,charge_description = work*,fixed,feature,chat = 60 and search = 40,,,",
    "vectors,provider = vectorhaus,driver,tool:vector_search,,,,",
    "audit,charge_description = audit,even,tenant,,,,",
    "evals,charge_description = evals,driver,successful_tasks,,,,",
    "crawler,charge_description = crawler,driver,tool:crawler,,,,",
    "vat,line = tax and provider = openai,proportional,provider_charge,,,,",
    "goodwill,charge_category = Credit,proportional,charge,,,,",
    "reserved,commitment_discount_status = Unused and tag.kind = reserved,proportional,,,,,",
    "oncall,charge_description = oncall,fixed,team,web = 50 and ops = 50,,,",
    "support,charge_description = support,none,,,,,",
    "too late,charge_description = seats,none,,,,,the rule above claims the line",
    "not yet,charge_description = unclaimed,none,,,2026-11-01,,",
)


def invoice_csv() -> str:
    """The invoice in FOCUS form; every line is of the 1st."""
    header = (
        "BilledCost,BillingCurrency,ChargeCategory,ChargeDescription,ChargePeriodStart,"
        "ChargePeriodEnd,CommitmentDiscountStatus,ProviderName,Tags\n"
    )
    return header + "".join(
        f"{usd},USD,{category},{what},2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,{status},{provider},"
        f'"{{""kind"": ""{what}""}}"\n'
        for what, category, status, usd, provider in INVOICE
    )


def fill(workspace: Workspace) -> None:
    """Put the month's settings and files into a workspace."""
    workspace.prices(*(f"openai,scribe,standard,{kind},1,2026-01-01,,," for kind in
                       ("input_uncached", "output")))  # fmt: skip
    workspace.org(*ORG)
    workspace.allocation(*RULES)
    workspace.revenue("acme,450,,2026-10-01,", "acme,500,2026-10-01,,", "quiet,20,,,")
    for source, settings in {
        "log": CALL_LOG, "tools": TOOL_LOG, "tickets": EVALUATIONS,
        "openai": 'format = "openai"', "invoice": 'format = "focus"',
    }.items():  # fmt: skip
        workspace.configure(source, settings)
    workspace.drop("log", "october.csv", CALLS)
    workspace.drop("tools", "october.csv", TOOL_CALLS)
    workspace.drop("tickets", "october.csv", EVALUATIONS_CSV)
    costs = {2: {"scribe, input": 8.0}, 20: {"scribe, input": 8.0}}
    workspace.drop("openai", "october.json", openai_page(costs, "2026-10-28T06:00:00Z"))
    workspace.drop("invoice", "october.csv", invoice_csv())
