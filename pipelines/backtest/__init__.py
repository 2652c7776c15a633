"""Models judged on series of anybody, with the same SQL that a run builds the warehouse with."""
