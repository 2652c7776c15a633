"""What is written into inbox/ and config/, each in its own format."""
