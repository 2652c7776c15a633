"""Seeded damage: what a broken disk, a buggy exporter or somebody's editor makes of a record."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, "", "x", "NaN", "-", "1e999999999", "9" * 400, "2026-13-45T99:00:00Z", "\x00",
    "\ud800", "\U0001f600", "[]", "{}", '{"a":', "1,5", -1, 0, 2**70, -(2**70), 10**400, 0.1,
    1e300, [], {}, [[]], [None], [{}], {"a": {"b": [1]}}, ["feature:x"], "y" * 5000,
)  # fmt: skip
"""Values that no field expects."""

TEXTS = (b'"', b"'", b",", b";", b"\\", b"\x00", b"\xff", b"\xc3", b"\r", b"{", b"}", b"[", b"]",
         b":", b"1e9", b'""', b'",', b',"', b"\xef\xbb\xbf", b"\x01", b"\t")  # fmt: skip
"""What is put into a line; no line feed, which would make two lines of one."""


def mutated_bytes(random: Random, line: bytes) -> bytes:
    """A line without its line feed, damaged in one to three places."""
    found = line
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(found) + 1)
        length = random.randint(1, 12)
        match random.randrange(5):
            case 0:
                flipped = found[at : at + 1].translate(bytes(b ^ 1 << at % 8 for b in range(256)))
                found = found[:at] + flipped + found[at + 1 :]
            case 1:
                found = found[:at] + random.choice(TEXTS) + found[at:]
            case 2:
                found = found[:at] + found[at + length :]
            case 3:
                found = found[:at] + found[at : at + length] + found[at:]
            case 4 if at:
                found = found[:at]
    return found.replace(b"\n", b"")


def mutated_record(random: Random, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record in which one to three fields are odd, missing, renamed or of another kind."""
    found: Any = copy.deepcopy(dict(record))
    for _ in range(random.randint(1, 3)):
        found_places = list(places(found))
        if not found_places:
            break
        holder, key = random.choice(found_places)
        match random.randrange(4):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[f"{key}_"] = holder.pop(key)
            case 2:
                holder[key] = [holder[key]]
            case _:
                holder[key] = copy.deepcopy(random.choice(ODD))
    return dict(found)


def mutated_json(random: Random, record: Mapping[str, Any]) -> bytes:
    """A record as a damaged line of JSON, without its line feed."""
    if random.random() < 0.5:
        return json.dumps(mutated_record(random, record)).encode()
    return mutated_bytes(random, json.dumps(record).encode())


def mutated_cells(random: Random, line: bytes) -> bytes:
    """A line of CSV whose cells are moved, lost or odd, or whose bytes are damaged."""
    if random.random() < 0.6:
        return mutated_bytes(random, line)
    cells = line.split(b",")
    at = random.randrange(len(cells))
    match random.randrange(4):
        case 0:
            del cells[at]
        case 1:
            cells.insert(at, cells[-1])
        case _:
            odd = json.dumps(random.choice(ODD))
            cells[at] = odd.strip('"').encode()
    return b",".join(cells)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) below a value."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from places(value[key])
