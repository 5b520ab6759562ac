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
    Formula(
        "pairt02",
        "paired risk difference",
        "(gained - lost) / n; limits d -+ sqrt(a^2 - 2 phi a b + b^2) of the distances a and b of "
        "Wilson's limits; McNemar's test: 2 P(X <= min(gained, lost)), X binomial (gained + lost, "
        "1/2), mid-P less P(X = gained)",
        "Newcombe 1998, Stat Med 17:2635-2650; Fagerland et al. 2013, BMC Med Res Methodol 13:91",
    ),
    Formula(
        "pairt02",
        "proportion at the*",
        "yes / n, with Wilson's interval",
        "Wilson 1927, JASA 22:209-212",
    ),
    Formula("pairt02", "yes at*", "participants by their two outcomes", "the endpoint's rule"),
    Formula("pairt02", "no at*", "participants by their two outcomes", "the endpoint's rule"),
)
