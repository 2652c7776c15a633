"""The dated price book: what a token cost at the time of a call, and which price a call gets."""
