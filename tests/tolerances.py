"""One tolerance a kind of comparison, each with its reason."""

EXACT = 1e-12
"""The same formula by two routes: only rounding differs."""

SAME_OPTIMUM = 1e-6
"""Two optimisers at the same optimum: an error of order sqrt(machine epsilon) in the parameters is
squared in the likelihood and stays below this in estimates and standard errors."""

DEGREES_OF_FREEDOM = 1e-4
"""Degrees of freedom rest on second derivatives, some of them numerical in the other software."""

OTHER_SOFTWARE = 1e-4
"""The other software stopped early, or printed four digits."""
