"""What of closed months goes by `[retention]`, and the record of what went."""
