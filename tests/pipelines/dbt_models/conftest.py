"""What dbt is asked for while a test runs."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.dbt_models import data_tests, dbt_command, prepared_models


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of every dbt command meanwhile."""
    commands: list[list[str]] = []
    ask = dbt_command.run_dbt

    def listen(arguments: list[str], *others: Any, **named: Any) -> Any:
        commands.append(list(arguments))
        return ask(arguments, *others, **named)

    for module in (data_tests, prepared_models):
        monkeypatch.setattr(module, "run_dbt", listen)
    return commands
