"""Claim linking: which claims assert the same proposition, and which cannot both stand."""
