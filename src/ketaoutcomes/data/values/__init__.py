"""What single values mean: days, yes and no, missing, numbers kept as text."""
