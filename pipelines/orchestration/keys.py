"""Names in Dagster's graph: the keys of its assets, and the tag of a run of what is new."""

from __future__ import annotations

import dagster as dg

ONLY_NEW = {"outlay/only_new": "true"}
"""Tag of the runs that schedules, the sensor and `outlay run` without days make."""

WRITES = "outlay/writes"
"""Tag of what a run writes: runs that write the same wait for each other (`dagster.yaml`)."""

ARRIVALS = dg.AssetKey("arrivals")
PRICES = dg.AssetKey("prices")
WAREHOUSE = dg.AssetKey("warehouse")
OPS = dg.AssetKey("ops")
SHOWBACK = dg.AssetKey("showback")
SITE = dg.AssetKey("site")


def inbox_key(source: str) -> dg.AssetKey:
    """The asset of one inbox folder."""
    return dg.AssetKey(["inbox", source])


def pull_key(source: str) -> dg.AssetKey:
    """The asset of what one source is pulled from."""
    return dg.AssetKey(["pull", source])


def relation_key(relation: str) -> dg.AssetKey:
    """The asset of a relation `schema.name`, as users of dagster-dbt know it: `schema/name`."""
    return dg.AssetKey(relation.split("."))
