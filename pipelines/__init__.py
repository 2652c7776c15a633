"""When, in what order and for which days: settings, the `outlay` command, and Dagster."""
