"""Models of a time to event: one file a kind of number."""
