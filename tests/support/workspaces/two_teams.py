"""Two months of two teams under list prices, and a candidate for other prices, worked by hand.

| call | day   | team, feature, tenant | model   | tokens in, out       | USD at list | candidate |
|------|-------|-----------------------|---------|----------------------|-------------|-----------|
| a    | 09-10 | red, chat, acme       | house-1 | 1,000,000, 500,000   | 1 + 1       | 1 + 1     |
| b    | 09-20 | blue, draft, acme     | house-1 | 3,000,000, 0         | 3           | 3         |
| e    | 09-20 | blue, draft, acme     | house-2 | 1,000,000, 0         | unknown     | 5         |
| c    | 10-05 | red, chat, bolt       | house-1 | 2,000,000, 1,000,000 | 2 + 2       | 2 + 3     |
| d    | 10-06 | blue, draft, bolt     | house-1 | 0, 2,000,000         | 4           | 6         |

At list, a million tokens of house-1 cost 1 in and 2 out, and house-2 has no price. The candidate
says 3 out since October, and 5 in for house-2. The bill of 5 October is 4.50: at list c explains 4
of it, with the candidate all.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.support.workspaces.configured import write
from tests.support.workspaces.small import drop

_BOT = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "house" }
request_model = "model"
team = "team"
feature = "feature"
tenant_id = "tenant"
[tokens]
input = "in"
output = "out"
"""
_CALLS = """id,at,team,feature,tenant,model,in,out
a,2025-09-10T12:00:00Z,red,chat,acme,house-1,1000000,500000
b,2025-09-20T12:00:00Z,blue,draft,acme,house-1,3000000,0
e,2025-09-20T13:00:00Z,blue,draft,acme,house-2,1000000,0
c,2025-10-05T12:00:00Z,red,chat,bolt,house-1,2000000,1000000
d,2025-10-06T12:00:00Z,blue,draft,bolt,house-1,0,2000000
"""
_BILL = """BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,SkuPriceDetails
4.5,USD,Usage,2025-10-05T00:00:00Z,house,"{""ModelId"": ""house-1""}"
"""

LIST = ("house,house-1,standard,input_uncached,1,,,,", "house,house-1,standard,output,2,,,,")
CANDIDATE = (
    "house,house-1,standard,input_uncached,1,,,,",
    "house,house-1,standard,output,2,,2025-10-01,,",
    "house,house-1,standard,output,3,2025-10-01,,,contract 7",
    "house,house-2,standard,input_uncached,5,,,,",
)
HEADER = (
    "provider,model,service_tier,token_class,usd_per_mtok,valid_from,valid_to,min_input_tokens,note"
)


def make_two_teams(folder: Path) -> Workspace:
    """The workspace, with its files delivered and nothing run yet."""
    init_workspace(folder, company="Acme", with_sources=False)
    workspace = Workspace(folder)
    workspace.sources_dir.mkdir(exist_ok=True)
    (workspace.sources_dir / "bot.toml").write_text(_BOT)
    (workspace.sources_dir / "focus.toml").write_text('format = "focus"\n')
    write(workspace, "prices", *LIST)
    drop(workspace, "bot/calls.csv", _CALLS)
    drop(workspace, "focus/bill.csv", _BILL)
    return workspace


def candidate(folder: Path, *, rule: str | None = None) -> Path:
    """A candidate's folder: the prices, and a rule of attribution if one is given."""
    folder.mkdir()
    (folder / "prices.csv").write_text("\n".join([HEADER, *CANDIDATE]) + "\n")
    if rule:
        (folder / "attribution.csv").write_text(f"when,set,mode,valid_from,valid_to,note\n{rule}\n")
    return folder
