"""Stance classification: what a claim is about, where the claimer stands, and whose restriction it is."""
