"""Dated facts of a workspace that say who pays: the org tree, rules for shared cost, revenue."""
