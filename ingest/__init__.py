"""Source formats, the canonical contracts, idempotent landing, quarantine and the price book."""
