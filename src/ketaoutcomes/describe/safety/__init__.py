"""The results of safety become a section of the report."""
