"""The formulas of the statistics, with their sources."""

from ketaoutcomes.report.formulas import EXPOSED, Formula

FORMULAS = (
    Formula(
        "rspt01",
        "proportion",
        f"{EXPOSED}; interval (x + z^2/2 -+ z sqrt(x (n - x) / n + z^2/4)) / (n + z^2)",
        "Wilson 1927, JASA 22:209-212",
    ),
    Formula("rspt01", "responders", "number of subjects with the outcome", "the endpoint's rule"),
    Formula(
        "rspt01",
        "number needed to treat",
        "1 / risk difference, limits inverted",
        "Altman 1998, BMJ 317:1309-1312",
    ),
    Formula(
        "rspt01",
        "risk difference",
        "p1 - p0; interval as the method says",
        "Newcombe 1998, Stat Med 17:873-890; Miettinen & Nurminen 1985, Stat Med 4:213-226",
    ),
    Formula(
        "rspt01",
        "* ratio",
        "p1 / p0, or the ratio of the odds; interval on the logarithm",
        "Katz et al. 1978, Biometrics 34:469-474; Woolf 1955, Ann Hum Genet 19:251-253",
    ),
)
