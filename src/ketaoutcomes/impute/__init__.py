"""Missing outcomes are filled in by the assumptions of the plan."""
