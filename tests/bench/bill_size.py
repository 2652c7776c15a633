"""A gigabyte of bill as CSV, of each provider whose bills are files: landing in bounded memory.

The lines are the tests' own, each made unique by a number and spread over the days of a month.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench.measure import Promises, run
from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.focus.test_models import aws_line, focus_csv
from tests.ingest.billing.gcp.rows import as_csv
from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.support.warehouse import Workspace

SIZE = 1_000_000_000
MOST_MEMORY_MB = 1500
NUMBER, DAY = "@number@", "@day@"

_CUR = {
    "identity_line_item_id": f"id{NUMBER}",
    "line_item_usage_start_date": f"2026-09-{DAY}T07:00:00.000Z",
    "line_item_resource_id": f"arn:aws:bedrock:us-east-1:1:profile/{NUMBER}",
    "resource_tags": {"team": "search"},
}

TEMPLATES: Mapping[str, str] = {
    "aws_cur": cur2_csv(cur_line(**_CUR)),
    "azure": export(azure_line(Date=f"09/{DAY}/2026", ResourceId=f"/subscriptions/1/{NUMBER}")),
    "gcp": as_csv(
        gcp_row(
            usage_start_time=f"2026-09-{DAY} 03:00:00 UTC",
            labels=[{"key": "n", "value": NUMBER}],
        )
    ),
    "focus": focus_csv(
        aws_line(cur_line())
        | {
            "ChargePeriodStart": f"2026-09-{DAY}T07:00:00Z",
            "ResourceId": f"arn:aws:bedrock:us-east-1:1:profile/{NUMBER}",
            "Tags": '{"team": "search"}',
            "EffectiveCost": "0.01", "ListCost": "0.01", "ContractedCost": "0.01",
        }
    ),
}  # fmt: skip
"""Format -> a bill of one line, with places for its number and its day."""


def measure(folder: Path, promises: Promises) -> None:
    """Print what landing a gigabyte of each format takes."""
    print(f"Landing a bill of {SIZE // 1_000_000:,} MB of CSV")
    for name in TEMPLATES:
        root = folder / f"bill-{name}"
        lines = write_bill(root / "inbox" / "bill" / "bill.csv", TEMPLATES[name], SIZE)
        took = run("-m", __name__, "land", str(root), name, str(lines))
        print(f"  {name:8} {lines:9,} lines  {took}")
        promises.promise(
            f"{name} in {took.peak_mb:.0f} MB (under {MOST_MEMORY_MB})",
            took.peak_mb < MOST_MEMORY_MB,
        )
        for path in (root / "inbox" / "bill").iterdir():
            path.unlink()


def write_bill(target: Path, template: str, size: int) -> int:
    """Write a bill of about a size; returns its lines."""
    header, line = template.replace("\r\n", "\n").rstrip("\n").split("\n")
    target.parent.mkdir(parents=True, exist_ok=True)
    written, lines = 0, 0
    with target.open("w", encoding="utf-8") as stream:
        written += stream.write(header + "\n")
        while written < size:
            for day in range(1, 31):
                dated = line.replace(DAY, f"{day:02d}")
                block = "".join(
                    dated.replace(NUMBER, str(number)) + "\n"
                    for number in range(lines, lines + 500)
                )
                written += stream.write(block)
                lines += 500
    return lines


def _land(root: Path, format_name: str, lines: int) -> None:
    workspace = Workspace(root)
    workspace.configure("bill", f'format = "{format_name}"\n')
    (report,) = workspace.land()
    assert (report.rows_loaded, report.rows_quarantined) == (lines, 0), report


if __name__ == "__main__":
    _land(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
