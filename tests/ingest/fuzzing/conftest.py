"""Rounds of damage: one in a usual session, as many as `make fuzz` asks for else."""

from __future__ import annotations

import os

import pytest

ROUNDS = "OUTLAY_FUZZ_ROUNDS"
"""Environment variable: how often each format is damaged anew, two thousand times a round."""


@pytest.fixture(params=range(int(os.environ.get(ROUNDS, "1"))), ids=lambda n: f"round {n + 1}")
def seed(request: pytest.FixtureRequest) -> str:
    """What makes the dice of a round other than those of every other."""
    return f" {request.param}" if request.param else ""
