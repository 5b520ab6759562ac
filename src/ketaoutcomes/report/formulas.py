"""The formula behind each kind of number, with its source."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from ketaoutcomes.results import Result


@dataclass(frozen=True)
class Formula:
    """How a statistic is calculated, and who published it; `table` and `statistic` are patterns."""

    table: str
    statistic: str
    words: str
    source: str


GLS = "beta = (sum X_i' V_i^-1 X_i)^-1 sum X_i' V_i^-1 y_i"
MMRM_SOURCE = (
    "Laird & Ware 1982, Biometrics 38:963-974; Searle, Speed & Milliken 1980, Am Stat 34:216"
)
EXPOSED = "x of n subjects"

FORMULAS: tuple[Formula, ...] = (
    Formula("dst01", "*", "number of subjects", "CONSORT 2010, item 13"),
    Formula(
        "dmt01",
        "standardised difference",
        "(m1 - m0) / sqrt((s1^2 + s0^2) / 2); for categories sqrt((p1 - p0)' S^-1 (p1 - p0))",
        "Austin 2009, Stat Med 28:3083-3107; Yang & Dalton 2012, SAS Global Forum 335",
    ),
    Formula("dmt01", "*", "of the subjects assigned whose value is known", "CONSORT 2010, item 15"),
    Formula("mist01", "*", "number of subjects of the analysis", "CONSORT 2010, item 16"),
    Formula(
        "mmrmt01",
        "LS mean",
        f"l' beta; l averages the design over other factors, covariates at their mean; {GLS}",
        MMRM_SOURCE,
    ),
    Formula("mmrmt01", "difference*", f"(l1 - l0)' beta; {GLS}", MMRM_SOURCE),
    Formula("mmrmt03", "*", f"l' beta with the weights of the plan; {GLS}", MMRM_SOURCE),
    Formula(
        "mmrmt02",
        "standardised difference",
        "difference in LS means / SD of the visit in the fitted covariance",
        "Hedges 1981, J Educ Stat 6:107-128",
    ),
    Formula(
        "mmrmt02",
        "* without one subject",
        "l' beta_(-i), the extreme over subjects i, covariance held",
        "Cook & Weisberg 1982, section 5.2",
    ),
    Formula("impt03", "*", "number of subjects", "CONSORT 2010, item 16"),
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
    Formula(
        "aet0*",
        "proportion",
        f"{EXPOSED}; interval from the tails of the binomial distribution",
        "Clopper & Pearson 1934, Biometrika 26:404-413",
    ),
    Formula(
        "aet0*",
        "*difference",
        "p1 - p0; interval: the differences that the score test does not reject",
        "Miettinen & Nurminen 1985, Stat Med 4:213-226; Fisher's exact test for p",
    ),
    Formula(
        "aet0*",
        "rate",
        "subjects with a first event / subject-years until then; exact Poisson interval",
        "Garwood 1936, Biometrika 28:437-442",
    ),
    Formula(
        "aet0*",
        "upper bound",
        "1 - alpha^(1/n) where none was seen, else the one-sided binomial bound",
        "Hanley & Lippman-Hand 1983, JAMA 249:1743-1745",
    ),
    Formula(
        "multt01",
        "adjusted p",
        "the smallest level at which the procedure of the family rejects",
        "Bretz et al. 2009, Stat Med 28:586-604; Hommel 1988, Biometrika 75:383-386",
    ),
    *(
        Formula(
            "trut0*",
            summary,
            "mean of the simulated subjects, everybody on the treatment",
            "docs/methods/generator.md",
        )
        for summary in ("mean change", "proportion", "restricted mean time")
    ),
    Formula(
        "trut0*",
        "*",
        "mean difference of the same simulated subjects on either treatment",
        "docs/methods/generator.md",
    ),
)


def formula_of(row: Result) -> Formula | None:
    """The formula of a result; None where its table has none of its own."""
    for formula in FORMULAS:
        if fnmatchcase(row.table, formula.table) and fnmatchcase(row.statistic, formula.statistic):
            return formula
    return None
