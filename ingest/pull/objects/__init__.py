"""Object stores that can be pulled."""
