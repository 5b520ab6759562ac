"""How alike real and synthetic people are: whether a classifier tells them apart."""
