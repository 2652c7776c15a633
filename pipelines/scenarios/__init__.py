"""The same days computed otherwise: shadow runs and repricings, compared."""
