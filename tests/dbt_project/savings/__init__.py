"""Savings from calls to the ledger."""
