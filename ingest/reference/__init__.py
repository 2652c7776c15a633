"""Reference data of a workspace: the tables that `config/*.csv` state, one module a table."""
