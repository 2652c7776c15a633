"""Rules of attribution, as a workspace writes them."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.charging.attribution import ATTRIBUTION_RULES, Rule
from ingest.reference.columns import ALWAYS, OPEN


def written(tmp_path: Path, *rows: str) -> tuple[Rule, ...]:
    path = tmp_path / "attribution.csv"
    path.write_text("\n".join([",".join(ATTRIBUTION_RULES.header), *rows]) + "\n", encoding="utf-8")
    return ATTRIBUTION_RULES.read(path, salt="salt")


def test_conditions_and_settings_are_joined_with_and_and_may_be_quoted(tmp_path: Path) -> None:
    rows = written(
        tmp_path,
        "team = Support and label.route = /chat/*,feature = chat AND tenant_id = Sand Ltd,,,,",
        '"team = ""R and D"" and provider=x",feature=lab,replace,2026-01-01,2026-07-01,a while',
    )  # fmt: skip
    assert rows[1] == Rule(
        3, (("team", ("R and D",)), ("provider", ("x",))), {"feature": "lab"}, True,
        datetime(2026, 1, 1), datetime(2026, 7, 1),
    )  # fmt: skip
    assert rows[0].conditions == (("team", ("Support",)), ("label.route", ("/chat/*",)))
    assert rows[0].settings == {"feature": "chat", "tenant_id": "Sand Ltd"}
    assert (rows[0].replaces, rows[0].valid_from, rows[0].valid_to) == (False, ALWAYS, OPEN)


def test_a_key_or_user_is_found_by_its_name_and_by_its_pseudonym(tmp_path: Path) -> None:
    pseudonym = sha256(b"saltsk-team-7").hexdigest()[:16]
    by_name, by_pseudonym = written(
        tmp_path, "api_key_id = sk-team-7,team = x,,,,", f"api_key_id = {pseudonym},team = x,,,,"
    )
    # the name itself stays in the file that names it
    assert by_name.conditions == (("api_key_id", (pseudonym,)),)
    assert pseudonym in by_pseudonym.conditions[0][1]
    table = ATTRIBUTION_RULES.to_arrow([by_name]).to_pylist()
    assert json.loads(table[0]["conditions"]) == [["api_key_id", [pseudonym]]]


def test_a_rule_that_names_a_pseudonym_of_before_a_rotation_still_fits(tmp_path: Path) -> None:
    path = tmp_path / "attribution.csv"
    old = sha256(b"saltsk-team-7").hexdigest()[:16]
    header = ",".join(ATTRIBUTION_RULES.header)
    path.write_text(f"{header}\napi_key_id = {old},team = x,,,,\n", encoding="utf-8")
    (rule,) = ATTRIBUTION_RULES.read(path, salt="salt\npepper")
    assert sha256(f"pepper{old}".encode()).hexdigest()[:16] in rule.conditions[0][1]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("team,feature = x,,,,", "row 2, column when: write name = value, several joined with"),
        (",feature = x,,,,", "row 2, column when: write name = value"),
        ("team = a,,,,,", "row 2, column set: write name = value"),
        ("status = ok,feature = x,,,,", "row 2, column when: 'status' cannot be asked for"),
        ("team = a,model = x,,,,", "row 2, column set: 'model' cannot be set"),
        (
            "team = a,traffic_class = evaluate,,,,",
            "row 2, column set: traffic_class cannot be 'evaluate'; there are live, shadow, test",
        ),
        ("team = a,user_id = x,,,,", "row 2, column set: 'user_id' cannot be set"),
        ("user_id = a*,team = x,,,,", "row 2, column when: user_id is stored as a pseudonym"),
        ("team = a,feature = x,always,,,", "row 2, column mode: 'always' is not one of fill"),
        ("team = a,feature = x,,2026-02-02,2026-01-01,", "row 2, column valid_to: must lie after"),
    ],
)
def test_a_wrong_rule_is_refused_with_row_and_column(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        written(tmp_path, row)
