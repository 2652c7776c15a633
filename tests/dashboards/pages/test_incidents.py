from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import Page

OVER = "Incidents that are over, or that somebody marked"


def test_open_incidents_stand_first_the_dearest_above(incidents: Page) -> None:
    lines = incidents.tables["Open incidents"][1:]
    assert [[cell.text for cell in line] for line in lines] == [
        ["29 Jun 2026, 14:00 UTC", "29 Jun 2026, 16:00 UTC", f"api key {HOSTILE}", "spend",
         "$1.00", "$90.00", "+$89.00", "Loops", "\u2014", "\u2014", "open"],
        ["28 Jun 2026, 14:00 UTC", "28 Jun 2026, 16:00 UTC", f"feature {HOSTILE}", "unit cost",
         "$1.50", "$41.26", "+$39.76", "Loops", HOSTILE_BOLD, HOSTILE_END, "open"],
    ]  # fmt: skip


def test_what_is_over_or_marked_stands_apart_the_newest_above(incidents: Page) -> None:
    lines = incidents.tables[OVER][1:]
    assert [(line[0].text, line[6].text, line[7].text, line[10].text, line[11].text)
            for line in lines] == [
        ("20 Jun 2026, 14:00 UTC", "+$7.00", "Price", "planned", HOSTILE_BOLD),
        ("3 Jun 2026, 14:00 UTC", "+$10.00", "Loops", "closed", "\u2014"),
    ]  # fmt: skip


def test_each_incident_is_a_point_of_its_owner_at_its_exact_excess(incidents: Page) -> None:
    traces = incidents.charts["incidents"]["data"]
    points = {trace["name"]: list(zip(trace["x"], trace["y"], strict=True)) for trace in traces}
    assert points.pop("nobody") == [("2026-06-29T14:00:00", "89.000000000")]
    assert list(points.values()) == [
        [("2026-06-28T14:00:00", "39.755000000"), ("2026-06-20T14:00:00", "7.000000000"),
         ("2026-06-03T14:00:00", "10.000000000")]
    ]  # fmt: skip
