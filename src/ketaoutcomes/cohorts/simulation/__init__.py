"""A scenario becomes a cohort, and the same subjects under another treatment."""
