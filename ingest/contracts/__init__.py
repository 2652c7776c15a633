"""Canonical tables: their columns and types, what a row must satisfy, and credentials kept out."""
