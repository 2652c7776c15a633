"""Billing APIs that can be pulled, one module a provider."""
