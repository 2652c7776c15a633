"""Database tables that can be pulled."""
