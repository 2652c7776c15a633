"""Criteria for charging costs for real, as pages and the terminal show them."""

from __future__ import annotations

CRITERIA = {
    "tagged_share": "Calls that name a feature and a tenant",
    "unallocated_share": "Charges on no cost centre",
    "tie_out": "Gap between bills and priced calls",
    "stable_months": "Months in a row that hold these three",
    "closed_months": "Months in a row that are closed",
}
"""Titles, in the order in which one gets there."""

SHARES = frozenset({"tagged_share", "unallocated_share", "tie_out"})
"""Criteria whose value is a share; the others count months."""
