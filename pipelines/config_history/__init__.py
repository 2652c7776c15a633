"""History of a workspace's configuration: changes, freezes, promotions, repricings, runs."""
