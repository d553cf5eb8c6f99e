"""Ingest: documents of many formats to clean articles, with everything refused counted."""
