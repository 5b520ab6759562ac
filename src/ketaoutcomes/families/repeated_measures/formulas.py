"""The formulas of the statistics, with their sources."""

from ketaoutcomes.report.formulas import Formula

GLS = "beta = (sum X_i' V_i^-1 X_i)^-1 sum X_i' V_i^-1 y_i"

MMRM_SOURCE = (
    "Laird & Ware 1982, Biometrics 38:963-974; Searle, Speed & Milliken 1980, Am Stat 34:216"
)

FORMULAS = (
    Formula(
        "mmrmt01",
        "LS mean",
        f"l' beta; l averages the design over other factors, covariates at their mean; {GLS}",
        MMRM_SOURCE,
    ),
    Formula("mmrmt01", "difference*", f"(l1 - l0)' beta; {GLS}", MMRM_SOURCE),
    Formula("mmrmt03", "*", f"l' beta with the weights of the plan; {GLS}", MMRM_SOURCE),
    Formula(
        "mmrmt04",
        "*",
        "F = (L beta)' (L V L')^-1 (L beta) / rank L, L the differences of all arms from the "
        "reference at the visit, or how they change from the first visit to each later one",
        "Fai & Cornelius 1996, J Stat Comput Simul 54:363-378",
    ),
    Formula(
        "mmrmt02",
        "standardised mean difference",
        "difference in LS means / SD of the visit in the fitted covariance",
        "Hedges 1981, J Educ Stat 6:107-128",
    ),
    Formula(
        "mmrmt02",
        "* without one subject",
        "l' beta_(-i), the extreme over subjects i, covariance held",
        "Cook & Weisberg 1982, chapter 3",
    ),
)
