"""Langfuse's blob export: observations, traces and scores."""
