"""A small workspace with its own prices: three days of one bot, judged, worked out by hand.

| call | task | when (UTC)       | tokens in, out | USD at 1 and 2 per million |
|------|------|------------------|----------------|-----------------------------|
| c1   | t1   | 2025-10-05 12:00 | 1,000, 500     | 0.002                       |
| c2   | t1   | 2025-10-05 12:01 | 2,000, 500     | 0.003                       |
| c3   | t2   | 2025-10-05 22:30 | 4,000, 500     | 0.005 (00:30 on the 6th in Berlin) |
| c4   | t3   | 2025-10-07 12:00 | 1,000, 0       | 0.001                       |

t1 succeeds on the 5th, t2 fails on the 6th, t3 waits.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace

DAYS = (date(2025, 10, 5), date(2025, 10, 7))
SPENT_USD = Decimal("0.011")

_BOT = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
task_id = "task"
started_at = "at"
provider = { constant = "house" }
request_model = "model"
feature = { constant = "bot" }
tenant_id = { constant = "acme" }
[tokens]
input = "in"
output = "out"
"""

_PRICES = """house,house-1,standard,input_uncached,1,,,,
house,house-1,standard,output,2,,,,
"""

CALLS = """id,task,at,model,in,out
c1,t1,2025-10-05T12:00:00Z,house-1,1000,500
c2,t1,2025-10-05T12:01:00Z,house-1,2000,500
c3,t2,2025-10-05T22:30:00Z,house-1,4000,500
c4,t3,2025-10-07T12:00:00Z,house-1,1000,0
"""

_OUTCOMES = """task_id,outcome,closed_at,task_type,tenant_id
t1,resolved,2025-10-05T13:00:00Z,ticket,acme
t2,failed,2025-10-06T08:00:00Z,ticket,acme
"""


def make_small(folder: Path) -> Workspace:
    """The workspace, with its files delivered and nothing run yet."""
    init_workspace(folder, company="Acme & Co", reporting_timezone="Europe/Berlin")
    workspace = Workspace(folder)
    (workspace.sources_dir / "bot.toml").write_text(_BOT)
    with workspace.prices_csv.open("a") as prices:
        prices.write(_PRICES)
    drop(workspace, "bot/2025-10.csv", CALLS)
    drop(workspace, "outcomes/2025-10.csv", _OUTCOMES)
    return workspace


def drop(workspace: Workspace, name: str, content: str) -> Path:
    """Deliver a file to `inbox/<name>`."""
    path = workspace.lake.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path
