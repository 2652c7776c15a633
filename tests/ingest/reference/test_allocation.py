"""Rules for shared cost, as a workspace writes them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.allocation import ALLOCATION_RULES, Rule
from ingest.reference.columns import ALWAYS, OPEN


def written(tmp_path: Path, *rows: str) -> tuple[Rule, ...]:
    path = tmp_path / "allocation.csv"
    path.write_text("\n".join([",".join(ALLOCATION_RULES.header), *rows]) + "\n", encoding="utf-8")
    return ALLOCATION_RULES.read(path, salt="salt\npepper")


def test_a_rule_says_which_lines_it_claims_and_how_they_are_spread(tmp_path: Path) -> None:
    rows = written(
        tmp_path,
        'vectors,"provider = vectorhaus and service_name = ""Vector Search""",driver,tool:search,'
        ",2026-01-01,2026-07-01,by the searches",
        "fees,tag.env = prod*,fixed,,chat = 60.5 and search = 39.5,,,",
    )
    assert rows[0] == Rule(
        2, "vectors", (("provider", ("vectorhaus",)), ("service_name", ("Vector Search",))),
        "driver", "tool:search", (), datetime(2026, 1, 1), datetime(2026, 7, 1),
    )  # fmt: skip
    assert (rows[1].valid_from, rows[1].valid_to) == (ALWAYS, OPEN)
    assert rows[1].shares == (("chat", Decimal("60.5")), ("search", Decimal("39.5")))
    table = ALLOCATION_RULES.to_arrow(rows).to_pylist()
    assert json.loads(table[1]["conditions"]) == [["tag.env", ["prod*"]]]
    assert table[1]["shares"] == [
        {"member": "chat", "weight": 60_500_000}, {"member": "search", "weight": 39_500_000},
    ]  # fmt: skip


def test_the_session_of_a_role_is_found_by_its_name_and_by_any_pseudonym_it_ever_had(
    tmp_path: Path,
) -> None:
    role = "arn:aws:sts::1:assumed-role/Dev/"
    old = sha256(b"saltann").hexdigest()[:16]
    new = sha256(f"pepper{old}".encode()).hexdigest()[:16]
    rows = written(
        tmp_path, *(f"dev,x_api_key_id = {role}{session},even,,,,," for session in
                    ("ann", old, new, "*")),
        "dev,x_api_key_id = arn:aws:iam::1:user/ann,even,,,,,",
    )  # fmt: skip
    wanted = [rule.conditions[0][1] for rule in rows]
    assert wanted[0] == (f"{role}ann", f"{role}{new}")
    assert all(f"{role}{new}" in texts for texts in wanted[1:3])
    assert wanted[3:] == [(f"{role}*",), ("arn:aws:iam::1:user/ann",)]


def test_a_member_with_a_space_stands_in_quotes(tmp_path: Path) -> None:
    (rule,) = written(
        tmp_path, 'fees,line = tax,fixed,team,"""Dev Tools"" = 50 and ""Sand and Co"" = 50",,,'
    )
    assert [member for member, _ in rule.shares] == ["Dev Tools", "Sand and Co"]


@pytest.mark.parametrize(
    ("method", "basis"),
    [("proportional", "charge"), ("even", "feature"), ("fixed", "feature"), ("none", "")],
)
def test_what_a_method_goes_by_unless_the_rule_says_it(
    tmp_path: Path, method: str, basis: str
) -> None:
    shares = "a = 100" if method == "fixed" else ""
    (rule,) = written(tmp_path, f"p,line = tax,{method},,{shares},,,")
    assert (rule.method, rule.basis) == (method, basis)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",line = tax,even,,,,,", "row 2, column pool: name the pool"),
        ("p,,even,,,,,", "row 2, column when: write name = value"),
        ("p,line,even,,,,,", "row 2, column when: write name = value"),
        ("p,billed_cost = 1,even,,,,,", "row 2, column when: 'billed_cost' cannot be asked for"),
        ("p,line = tax,equal,,,,,", "row 2, column method: 'equal' is not one of proportional, ev"),
        ("p,line = tax,even,charge,,,,", "row 2, column by: even goes by feature or tenant or"),
        ("p,line = tax,none,charge,,,,", "row 2, column by: none goes by nothing, not by 'charge'"),
        ("p,line = tax,driver,,,,,", "row 2, column by: a driver is one of calls, tokens"),
        ("p,line = tax,driver,tool:,,,,", "row 2, column by: a driver is one of calls, tokens"),
        ("p,line = tax,even,,a = 100,,,", "row 2, column shares: only the method fixed has"),
        ("p,line = tax,fixed,,,,,", "row 2, column shares: write name = value"),
        ("p,line = tax,fixed,,a = 60 and b = 39.999999,,,",
         "row 2, column shares: the shares sum to 99.999999, not to 100"),
        ("p,line = tax,fixed,,a = 60 and b = 60,,,", "the shares sum to 120, not to 100"),
        ("p,line = tax,fixed,,a = 50 and a = 50,,,", "row 2, column shares: names a member twice"),
        ("p,line = tax,fixed,,a = 0 and b = 100,,,", "row 2, column shares: write percent above 0"),
        ("p,line = tax,fixed,,a = -1 and b = 101,,,", "row 2, column shares: write percent above"),
        ("p,line = tax,fixed,,a = half and b = 50,,,", "row 2, column shares: 'half' is not a num"),
        ("p,line = tax,fixed,,a = 33.3333333 and b = 66.6666667,,,", "with at most 6 decimals"),
        ("p,line = tax,even,,,2026-02-02,2026-01-01,", "row 2, column valid_to: must lie after"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_with_row_and_column(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        written(tmp_path, row)
