"""A cohort becomes the tables of safety."""
