"""The budgets page."""
