"""Buyers' data: kept no longer than needed, and erased for one buyer on request. What lies where is in docs/operations.md."""
