"""The formulas of the statistics, with their sources."""

from ketaoutcomes.report.formulas import Formula

FORMULAS = (
    Formula("impt03", "*", "number of subjects", "CONSORT 2025, item 26"),
    Formula(
        "impt0*",
        "Monte-Carlo error*",
        "jackknife over imputations: sqrt((m - 1)/m sum (x_(-i) - mean)^2)",
        "Royston, Carlin & White 2009, Stata J 9:252-264",
    ),
    Formula("impt0*", "missing information*", "(1 + 1/m) B / T", "Rubin 1987, chapter 3"),
    Formula(
        "impt02",
        "marginal risk difference",
        "mean over subjects of p(active) - p(reference) by logistic regression, pooled as W + "
        "(1 + 1/m) B",
        "Ge et al. 2011, Drug Inf J 45:481-493; Rubin 1987",
    ),
    Formula(
        "impt0*",
        "*",
        "mean of the estimates of the completed datasets; T = W + (1 + 1/m) B",
        "Rubin 1987; Barnard & Rubin 1999, Biometrika 86:948-955; Wolbers et al. 2022, Pharm Stat "
        "21:1246-1257, for conditional means",
    ),
    Formula(
        "tipt01",
        "tipping shift",
        "the shift at which the confidence limit nearer to zero is zero, by root finding",
        "Yan, Lee & Li 2009, J Biopharm Stat 19:1085-1098",
    ),
    Formula(
        "tipt01",
        "*",
        "the analysis of imputed scores with a shift added to those that are missing",
        "Yan, Lee & Li 2009, J Biopharm Stat 19:1085-1098",
    ),
)
