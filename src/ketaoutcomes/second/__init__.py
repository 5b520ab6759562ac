"""Second programs: numbers of a run computed again by other code, from the derived data alone."""
