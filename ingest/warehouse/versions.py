"""What the numbers of a build were made with: prices, rules, models and data, each by version."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import duckdb

_PRICES = "price"
_KINDS = {
    "prices.csv": _PRICES,
    "tools.csv": _PRICES,
    "models.csv": _PRICES,
    "org.csv": "org",
    "fx_rates.csv": "exchange rate",
    "revenue.csv": "statement",
    "budgets.csv": "statement",
    "internal_prices.csv": "statement",
    "invoices.csv": "statement",
    "owners.csv": "org",
    "calendar.csv": "guardrail",
    "incident_marks.csv": "guardrail",
    "limits.csv": "guardrail",
    "experiments.csv": "guardrail",
    "log_storage.csv": _PRICES,
}
"""What a file of the workspace decides; the others are rules."""

_DIGITS = 16
"""Of a hash: enough to tell versions apart, few enough to read out on the phone."""


def register_versions(con: duckdb.DuckDBPyConnection, config: Path, models: str) -> bool:
    """Show what this build is made with as `raw.versions`; say whether anything but data changed.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`.
        config: the workspace's folder of dated facts.
        models: fingerprint of the models and of the settings that they read.
    """
    commit = con.execute("select coalesce(max(commit_id), 0) from catalog.files").fetchall()[0][0]
    rows = [
        ("data", "lake commit", str(commit)),
        ("definition", "models and settings", sha256(models.encode()).hexdigest()[:_DIGITS]),
        (_PRICES, "genai-prices", version("genai-prices")),
        *(
            (
                _KINDS.get(file.name, "rule"),
                f"config/{file.relative_to(config).as_posix()}",
                sha256(file.read_bytes()).hexdigest()[:_DIGITS],
            )
            for file in sorted([*config.glob("*.csv"), *config.glob("sources/*.toml")])
        ),
    ]
    con.execute(
        "create table if not exists raw.versions (kind varchar, name varchar, version varchar)"
    )
    before = con.execute("from raw.versions order by kind, name").fetchall()
    con.execute("delete from raw.versions")
    con.executemany("insert into raw.versions values (?, ?, ?)", rows)
    return [r for r in before if r[0] != "data"] != sorted(r for r in rows if r[0] != "data")
