"""FOCUS Cost and Usage files of any provider."""
