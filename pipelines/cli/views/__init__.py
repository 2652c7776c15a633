"""Printed results, one file a family of commands. Text only, no decisions."""
