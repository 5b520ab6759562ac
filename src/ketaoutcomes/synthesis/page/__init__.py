"""The report of a synthesis."""
