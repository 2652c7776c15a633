"""What a call takes over from the other records of it: everything, by the contract itself."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.contracts.calls import GATEWAY_CALLS
from tests.support.warehouse import Workspace

OWN = {
    "call_id", "request_id", "started_at", "recorded_at",  # which record it is
    "operation", "service_tier",  # never unknown
    "status",  # by a rule of its own
}  # fmt: skip
"""Columns that a record keeps, whatever the others say."""


def test_every_column_of_a_record_is_taken_over_where_it_is_unknown(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=["fct_calls"])
    workspace.land()
    workspace.register()
    (sql,) = (node.sql for name, node in workspace.nodes().items() if name.endswith(".fct_calls"))
    taken_over = re.findall(r"arg_min\(numbered\.(\w+), repeated\.source_rank\)", sql)
    assert len(taken_over) == len(set(taken_over))
    columns = {column.name for column in GATEWAY_CALLS.columns}
    # who stated the payer goes with the payer, and is no column of a record
    stated_by = {"feature_stated_by", "tenant_stated_by"}
    assert (columns - OWN) | stated_by == set(taken_over) - OWN
