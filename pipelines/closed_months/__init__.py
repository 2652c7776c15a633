"""The store of closed months, as it is written."""
