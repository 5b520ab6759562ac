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

ITERATED_MOMENTS = 1e-10
"""Estimating equations iterated by both until nothing changes in the tenth digit."""

SLOWLY_ITERATED = 1e-9
"""The same where each step shortens the way to the solution by a tenth only."""

QUADRATURE_BY_LME4 = 5e-5
"""lme4 differentiates its likelihood numerically, and its optimiser stops at the sixth digit."""

LAPLACE_BY_LME4 = 6e-3
"""With one node the determinant of Laplace's formula is the answer, and lme4 takes it from an
iterate before the mode: its likelihood at its own optimum is 4e-4 (epilepsy) and 1e-3
(respiratory) below the formula's. With more nodes the determinant cancels."""
