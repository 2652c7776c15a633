"""The page about forecasts."""
