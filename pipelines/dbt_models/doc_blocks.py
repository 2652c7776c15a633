"""Texts that columns of several models have: dbt's doc blocks, without dbt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pipelines.dbt_models.dbt_command import PROJECT

_BLOCK = re.compile(r"{% docs (\w+) %}\n(.+)\n{% enddocs %}")
_NAMED = re.compile(r"{{ doc\('(\w+)'\) }}")


@cache
def doc_blocks() -> Mapping[str, str]:
    """Every block's text, one line, by its name."""
    files = sorted((PROJECT / "models").glob("*.md"))
    blocks = [block for file in files for block in _BLOCK.findall(file.read_text("utf-8"))]
    return dict(blocks)


def described(stated: str) -> str:
    """A description as a model states it, with the block in place of its name."""
    named = _NAMED.fullmatch(stated)
    return doc_blocks()[named[1]] if named else stated
