"""A cohort and its endpoints become descriptive rows of the results table."""
