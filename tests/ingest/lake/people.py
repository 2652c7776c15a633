"""A workspace's files that name people and keys, in every way that becomes a pseudonym."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ingest.billing.anthropic.test_claude_code import PATH, RECORD, page_of
from tests.ingest.billing.anthropic.test_reader import wrapped
from tests.ingest.billing.aws.cur_lines import cur2_csv, line

ROLE = "arn:aws:sts::123456789012:assumed-role/Dev/"
OWN_ID = "0123456789abcdef"
"""An identifier that looks like a pseudonym; in a bill that states ids as they are, it stays."""

SOURCES = {
    "gateway": """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
task_id = "id"
provider = { constant = "house" }
request_model = { constant = "house-1" }
[attribution]
user_id = "who"
api_key_id = "key"
prompt_hash = "asked"
[tokens]
input = "in"
output = "in"
""",
    "claude": 'format = "anthropic"\n',
    "aws": 'format = "aws_cur"\n',
    "focus": 'format = "focus"\n',
    "traces": 'format = "otel"\n',
}

CALLS = """id,at,who,key,in,asked
c1,2026-09-03T10:00:00Z,ann,k1,100,why
c2,2026-09-03T11:00:00Z,bob,k1,200,
c3,2026-09-04T10:00:00Z,ann,,300,
c4,2026-09-04T11:00:00Z,,,400,
"""
LATER_CALLS = """id,at,who,key,in,asked
c5,2026-09-05T10:00:00Z,ann,k2,500,how
"""
FOCUS = f"""BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,CredentialId
1.50,USD,Usage,2026-09-01T00:00:00Z,AWS,{ROLE}{OWN_ID}
"""

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "task",
    "startTimeUnixNano": "1788429600000000000",
    "endTimeUnixNano": "1788429660000000000",
    "attributes": [{"key": "user.id", "value": {"stringValue": "ann"}}],
}
"""A span that is no call and says whose its trace is, on 3 September 2026."""


def _page(*addresses: str) -> str:
    people = [{"type": "user_actor", "email_address": address} for address in addresses]
    return wrapped(page_of(*(RECORD | {"actor": actor} for actor in people)), PATH)


FILES = {
    "gateway/calls.csv": CALLS,
    "gateway/later.csv": LATER_CALLS,
    "claude/page.json": _page("ann", "eve"),
    "aws/bill.csv": cur2_csv(
        line(line_item_iam_principal=f"{ROLE}ann"),
        line(line_item_iam_principal="arn:aws:iam::123456789012:user/bob",
             identity_line_item_id="id2"),
    ),
    "focus/bill.csv": FOCUS,
    "traces/spans.json": json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}),
}  # fmt: skip


def lay(root: Path) -> None:
    """Write the settings and deliver the files below a folder."""
    for name, text in SOURCES.items():
        path = root / "config" / "sources" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, text in FILES.items():
        path = root / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
