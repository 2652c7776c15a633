"""What turns a check of the small workspace red, and what its cures say to do, as steps."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.small import CALLS, drop

Step = Callable[[Workspace], object]

HEADER = CALLS.splitlines()[0] + "\n"

PROXY = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "house" }
request_model = { constant = "house-1" }
tenant_id = { constant = "acme" }
reported_cost_usd = %s
[tokens]
input = "in"
output = { constant = "0" }
"""
DOLLARS, CENTS = '"cost"', '{ path = "cost", multiply = "0.01" }'

FOCUS = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,"
    "BillingPeriodEnd,InvoiceId,BillingAccountId,ProviderName,SkuPriceDetails\n"
)


def charge(cost: str, invoice: str = "I-7") -> str:
    """A line of 3 October of the model that the calls name."""
    return (
        f"{cost},USD,Usage,2025-10-03T00:00:00Z,2025-10-01T00:00:00Z,2025-11-01T00:00:00Z,"
        f'{invoice},A,House,"{{""ModelId"": ""house-1""}}"\n'
    )


def call(name: str, at: str, tokens: int, model: str = "house-1") -> str:
    return f"{name},,{at},{model},{tokens},0\n"


def both(*all_of: Step) -> Step:
    return lambda workspace: [step(workspace) for step in all_of]


def delivered(name: str, content: str) -> Step:
    return lambda workspace: drop(workspace, name, content)


def source(name: str, settings: str) -> Step:
    return lambda workspace: (workspace.sources_dir / f"{name}.toml").write_text(settings)


def setting(line: str) -> Step:
    """Set a key of `outlay.toml`, or add it to the table of freshness, which is the last."""

    def edit(workspace: Workspace) -> None:
        key = line.split(" = ")[0]
        text = workspace.settings_file.read_text()
        found, times = re.subn(rf"(?m)^{key} = .*$", line, text)
        workspace.settings_file.write_text(found if times else f"{text}\n{line}\n")

    return edit


def price(of_input: str, model: str = "house-1") -> Step:
    def edit(workspace: Workspace) -> None:
        rows = [
            row
            for row in workspace.prices_csv.read_text().splitlines()
            if not row.startswith(f"house,{model},standard,input")
        ]
        rows.append(f"house,{model},standard,input_uncached,{of_input},,,,")
        workspace.prices_csv.write_text("\n".join(rows) + "\n")

    return edit


def invoices(*rows: str) -> Step:
    head = "invoice_id,provider,invoice_date,currency,total,status,note\n"
    return lambda workspace: (workspace.config / "invoices.csv").write_text(head + "".join(rows))


def withdrawn(name: str) -> Step:
    def withdraw(workspace: Workspace) -> None:
        done = outlay("withdraw", name, "--reason", "...", "--workspace", workspace.root)
        assert done.exit_code == 0, done.output

    return withdraw


BILLS = source("focus", 'format = "focus"\nrestates = "rows"\n')
