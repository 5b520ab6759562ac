"""Several hypotheses at once: adjusted p-values and simultaneous intervals."""
