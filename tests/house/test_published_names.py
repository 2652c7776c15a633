"""Names that analysts and other tools rely on: renamed, they break queries nobody here sees."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from tests.house.project import models

RELIED_ON = {
    "rpt_cost_bridge": "period_grain, period_start, previous_start, dimension, member, measure,"
    " driver, effect_usd, share, owner, change_event",
    "rpt_waste": "part, waste_usd",
    "rpt_cap_curve": "task_type, feature, cap, saved_usd, lost_successes, lost_low, lost_high,"
    " is_recommended",
    "rpt_cache_value": "layer, model_id, hit_ratio, net_saving_usd, break_even_ratio, verdict",
    "rpt_savings_ledger": "month, lever, saved_usd, low_usd, high_usd",
    "rpt_change_impact": "change_event, driver, effect_usd, is_cause",
    "rpt_offload": "month, feature, offload_saving_usd, owner",
    "rpt_hops": "task_type, feature, hop, calls, estimate_usd, owner",
}
"""Columns of the published reports by report."""


@pytest.mark.parametrize("name", RELIED_ON)
def test_a_report_keeps_the_columns_that_others_read(manifest: Any, name: str) -> None:
    (report,) = [node for node in models(manifest, "reports") if node.name == name]
    assert set(RELIED_ON[name].split(", ")) <= set(report.columns)


@pytest.mark.parametrize("command", ["why", "gate", "whatif"])
def test_commands_that_programs_read_speak_json(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert shown.exit_code == 0
    assert "--json" in shown.output
