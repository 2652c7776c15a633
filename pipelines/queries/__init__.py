"""Questions that commands answer from the published file."""
