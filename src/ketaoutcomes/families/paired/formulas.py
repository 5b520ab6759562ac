"""The formulas of paired comparisons, with their sources."""

from ketaoutcomes.report.formulas import Formula

FORMULAS = (
    Formula(
        "pairt01",
        "paired difference",
        "mean d of the differences within participants, SE s_d / sqrt(n), t on n - 1; or the "
        "difference of two means by REML",
        "Student 1908, Biometrika 6:1-25; Laird & Ware 1982, Biometrics 38:963-974",
    ),
    Formula("pairt01", "mean*", "sum / n; or by the mixed model", "as the method says"),
    Formula(
        "pairt01",
        "correlation of pairs",
        "sum (x - mean x)(y - mean y) / ((n - 1) s_x s_y)",
        "Pearson 1896, Phil Trans R Soc A 187:253-318",
    ),
)
