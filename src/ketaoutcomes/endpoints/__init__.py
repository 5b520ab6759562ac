"""A cohort becomes analysis-ready endpoints by the rules of the plan."""
