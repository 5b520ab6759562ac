"""The formulas of the statistics, with their sources."""

from ketaoutcomes.report.formulas import Formula

FORMULAS = (
    Formula(
        "kmt01",
        "*",
        "S(t) = prod over t_i <= t of (1 - d_i / n_i); quantile: the first t with S(t) <= 1 - q",
        "Kaplan & Meier 1958, J Am Stat Assoc 53:457-481; Brookmeyer & Crowley 1982, Biometrics "
        "38:29-41",
    ),
    Formula(
        "ttet01",
        "hazard ratio*",
        "exp(beta) that maximises prod exp(x_i beta) / sum over R_i of exp(x_j beta)",
        "Cox 1972, J R Stat Soc B 34:187-220; Efron 1977, J Am Stat Assoc 72:557-565",
    ),
    Formula(
        "ttet01",
        "* restricted means",
        "area under the first Kaplan-Meier curve up to tau minus (or over) that under the second",
        "Royston & Parmar 2013, BMC Med Res Methodol 13:152",
    ),
    Formula(
        "ttet01",
        "restricted mean",
        "area under the Kaplan-Meier curve up to tau; "
        "Var = sum A_i^2 d_i / (n_i (n_i - d_i)), A_i the area after t_i",
        "Royston & Parmar 2013, BMC Med Res Methodol 13:152",
    ),
    Formula(
        "ttet01",
        "proportional hazards test",
        "score test that the coefficient times a function of time is 0",
        "Grambsch & Therneau 1994, Biometrika 81:515-526",
    ),
    Formula(
        "ttet01",
        "* test",
        "(sum w (O - E))^2 / sum w^2 V over event times and strata",
        "Mantel 1966, Cancer Chemother Rep 50:163-170; Fleming & Harrington 1991",
    ),
    Formula(
        "ttet04",
        "log-rank test of all arms",
        "(O - E)' V^-1 (O - E) of all arms but one, summed over event times and strata",
        "Mantel 1966, Cancer Chemother Rep 50:163-170",
    ),
    Formula(
        "ttet04",
        "likelihood ratio test of all arms",
        "2 (l - l0), l0 the log partial likelihood of the covariates alone",
        "Cox 1972, J R Stat Soc B 34:187-220",
    ),
    Formula(
        "ttet04",
        "Wald test of all arms",
        "b' V^-1 b, b the log hazard ratios of all arms but one",
        "Cox 1972, J R Stat Soc B 34:187-220",
    ),
    Formula(
        "ttet04",
        "score test of all arms",
        "U' I^-1 U where all arms are alike and the covariates have their own estimates",
        "Cox 1972, J R Stat Soc B 34:187-220",
    ),
    Formula(
        "cift01",
        "*incidence",
        "F_k(t) = sum over t_i <= t of S(t_i-) d_ki / n_i",
        "Aalen & Johansen 1978, Scand J Stat 5:141-150",
    ),
    Formula(
        "cift01",
        "subdistribution hazard ratio",
        "Cox's likelihood with those who had another event kept at risk, weighted",
        "Fine & Gray 1999, J Am Stat Assoc 94:496-509",
    ),
)
