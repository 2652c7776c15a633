"""How much memory the engine may take for what is read."""

from __future__ import annotations

import duckdb

MEGABYTES_A_THREAD = 550
"""What a thread may hold of what is read, beside others; one by itself a gigabyte."""

MEGABYTES_A_COLUMN = 8.5
"""What a thread that writes Parquet reserves for a column: with less, one thread writes and the
others wait, and a log of 115 leaves takes half as long again."""


def limit_memory(con: duckdb.DuckDBPyConnection, columns: int = 0) -> None:
    """Set the engine's limit for its threads, as many as they are.

    Args:
        columns: that are written at once; what is reserved for them is hardly ever filled.
    """
    ((threads,),) = con.execute("select current_setting('threads')").fetchall()
    each = max(MEGABYTES_A_THREAD, MEGABYTES_A_COLUMN * columns)
    con.execute(f"set memory_limit = '{max(1000, round(each * int(threads)))}MB'")
