"""Joins what a query is about to read (engine) to what keeps it fresh (ingest)."""
