"""Stories planted in the traffic: each by itself, with a size that the truth states."""
