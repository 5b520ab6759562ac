"""The page of a power simulation."""
