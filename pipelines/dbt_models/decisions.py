"""What was decided of numbers and words that people argue about, as DECISIONS.md has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pipelines.dbt_models.dbt_command import PROJECT


@cache
def decisions() -> Mapping[str, str]:
    """Entries of DECISIONS.md by title: columns that they are about, or their subject."""
    text = (PROJECT / "DECISIONS.md").read_text(encoding="utf-8")
    sections = text.split("\n## ")[1:]
    return {section.partition("\n")[0]: section.partition("\n")[2].strip() for section in sections}


def columns_of(title: str) -> list[str]:
    """Columns that an entry is about, by its title: `a_usd, b_usd and c_ratio` names three."""
    return re.split(r", | and ", title)
