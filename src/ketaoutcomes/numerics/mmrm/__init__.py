"""Mixed model for repeated measures on sufficient statistics by visit pattern."""
