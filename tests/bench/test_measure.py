"""A measured process answers for its own memory, whatever the one that started it holds."""

from __future__ import annotations

from tests.bench.measure import run

HELD_MB = 300


def test_the_memory_of_whoever_measures_is_not_counted() -> None:
    held = bytearray(b"x" * (HELD_MB * 1_000_000))
    assert run("-c", "pass").peak_mb < HELD_MB / 3
    assert run("-c", f"bytearray(b'x' * {len(held)})").peak_mb > HELD_MB / 1.1
