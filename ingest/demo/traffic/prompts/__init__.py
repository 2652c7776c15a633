"""What prompts and their caches add to a call: prefixes, lengths, answers kept, price modifiers."""
