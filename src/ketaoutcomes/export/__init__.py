"""A study for others to repeat: its rows as datasets, and scripts in R and SAS that give it."""
