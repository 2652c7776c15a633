"""What is invented of the company and dated: its customers, prices, task types, incidents."""
