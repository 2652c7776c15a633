"""What Larkspur plans: a trade fair after the last day, which will bring support more questions."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from ingest.demo.clock import day_date

FEATURE = "support_assistant"
UPLIFT = "1.5"
FAIR_DAYS = 3


def fair(days: int) -> tuple[date, date]:
    """First day of the fair, nine days after the last of the demo, and the day after its last."""
    first = day_date(days - 1) + timedelta(days=9)
    return first, first + timedelta(days=FAIR_DAYS)


def write_planned_events(config: Path, days: int) -> None:
    """Write `calendar.csv`."""
    first, end = fair(days)
    (config / "calendar.csv").write_text(
        "event,feature,uplift,owner,valid_from,valid_to,note\n"
        f"Trade fair,{FEATURE},{UPLIFT},Customer Support,{first},{end},first time\n",
        encoding="utf-8",
    )


def planned_events_as_truth(days: int) -> list[dict[str, str]]:
    """The same as it stands in truth.json; `end` is exclusive."""
    first, end = fair(days)
    return [
        {"event": "Trade fair", "feature": FEATURE, "uplift": UPLIFT, "start": str(first),
         "end": str(end)}
    ]  # fmt: skip
