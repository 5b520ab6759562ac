"""The family of analyses `crossover`."""
