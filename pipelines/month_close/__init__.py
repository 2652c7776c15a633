"""The end of a month: statements, close, reopen, and the calls behind a line."""
