"""A changed rule of attribution changes history, and only where it held."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.warehouse import Workspace

BOT = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "openai" }
request_model = { constant = "gpt-4o" }
[attribution]
api_key_id = "key"
[labels]
route = "route"
[tokens]
input = "in"
output = "in"
"""
CALLS = """id,at,key,route,in
c1,2026-09-03T10:00:00Z,k1,/chat/a,1000
c2,2026-09-04T10:00:00Z,k1,/draft,1000
c3,2026-09-05T10:00:00Z,k2,/chat/b,1000
"""
FEATURES = "select call_id, feature, attribution_rule from marts.fct_calls order by call_id"


@pytest.mark.slow
def test_a_changed_rule_computes_its_days_again_and_gives_what_a_fresh_build_gives(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = Workspace(tmp_path)
    workspace.configure("bot", BOT)
    workspace.rules("label.route = /chat/*,feature = chat,,,2026-09-05,")
    workspace.drop("bot", "calls.csv", CALLS)
    workspace.build()
    assert workspace.query(FEATURES) == [("c1", "chat", 2), ("c2", None, None), ("c3", None, None)]
    workspace.rules(
        "label.route = /chat/*,feature = chat,,,2026-09-05,",
        "api_key_id = k2,feature = search,,2026-09-05,,found late",
    )
    changes = workspace.build()
    assert [str(day) for day in changes.days] == ["2026-09-05"]
    assert workspace.query(FEATURES) == [("c1", "chat", 2), ("c2", None, None), ("c3", "search", 3)]
    fresh = workspace.fresh(tmp_path_factory.mktemp("fresh"))
    assert workspace.contents() == fresh.contents()
