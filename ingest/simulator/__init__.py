"""Simulator of hourly spend with labelled incidents, for judging detectors on known answers.

It shares no code with what it judges. A seed gives the same series for ever.
"""
