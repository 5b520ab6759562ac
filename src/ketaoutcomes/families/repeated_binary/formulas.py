"""The formulas of the statistics, with their sources."""

from ketaoutcomes.report.formulas import Formula

FORMULAS = (
    Formula(
        "geet01",
        "*",
        "sum D_i' V_i^-1 (y_i - mu_i) = 0; means over the covariates as observed",
        "Liang & Zeger 1986, Biometrika 73:13-22; Mancl & DeRouen 2001, Biometrics 57:126-134",
    ),
    Formula(
        "glmmt01",
        "*",
        "logit P(y = 1 | b) = x' beta + b, b normal, by adaptive Gauss-Hermite quadrature",
        "Pinheiro & Bates 1995, J Comput Graph Stat 4:12-35",
    ),
)
