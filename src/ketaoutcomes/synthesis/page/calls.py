"""The synthesis as calls in R and SAS."""

import re
from collections.abc import Iterator

from ketaoutcomes.plan.synthesis import OF_MEANS, Measure, Outcome, Pooling
from ketaoutcomes.report.blocks import Block, Code, Prose, Section
from ketaoutcomes.synthesis.page.material import SynthesisMaterial

R_MEASURES: dict[Measure, str] = {
    "hedges_g": "SMD",
    "mean_difference": "MD",
    "risk_ratio": "RR",
    "odds_ratio": "OR",
    "risk_difference": "RD",
    "hazard_ratio": "GEN",
}
R_ESTIMATORS = {"reml": "REML", "paule-mandel": "PM", "dersimonian-laird": "DL"}

ROWS = (
    "The data set `d` has one row per study of the outcome, with the numbers of the table "
    "below the forest plot."
)


def calls_section(material: SynthesisMaterial) -> Section:
    """Each outcome in R's metafor and in SAS."""
    blocks: tuple[Block, ...] = (
        Prose((ROWS,)),
        *(
            Code("R", r_call(material, outcome), f"{outcome.label}, R")
            for outcome in material.plan.outcomes.values()
        ),
        Code("SAS", _SAS, "The pooled effect, SAS"),
    )
    return Section("equivalents", "Equivalent code in R and SAS", blocks)


def r_call(material: SynthesisMaterial, outcome: Outcome) -> str:
    """An outcome as R's metafor pools it."""
    pooling = material.plan.pooling
    test = "adhoc" if pooling.interval == "hartung-knapp" else "z"
    lines = [
        "library(metafor)",
        *_effects(material, outcome),
        f'fit <- rma(yi, vi, data = d, method = "{R_ESTIMATORS[pooling.between_studies]}", '
        f'test = "{test}", level = {100 * material.plan.report.confidence_level:g})',
        "fit",
        "confint(fit)",
        *_prediction(material),
        "leave1out(fit)",
        _regression_test(outcome.measure),
        *(_moderated(pooling, test, f"factor({_r_name(label)})") for label in outcome.groups),
        *(_moderated(pooling, test, _r_name(label)) for label in outcome.regress_on),
    ]
    return "\n".join(lines)


def _prediction(material: SynthesisMaterial) -> Iterator[str]:
    """The prediction interval with the degrees of freedom of the plan.

    `predict(fit)` has k - 1 with a t test, and a normal quantile without; its `predtype = "Riley"`
    is not in all versions of metafor.
    """
    tail = 0.5 + material.plan.report.confidence_level / 2
    fewer = material.plan.pooling.fewer_df
    told = (
        ", as predict(fit) has them with a t test" if fewer == 1 else "; predict(fit) takes k - 1"
    )
    yield f"# prediction interval, t with k - {fewer} degrees of freedom{told}"
    yield (f"coef(fit) + c(-1, 1) * qt({tail:g}, fit$k - {fewer}) * sqrt(fit$tau2 + fit$se^2)")


def _effects(material: SynthesisMaterial, outcome: Outcome) -> Iterator[str]:
    """Effects and variances: those that studies tell, then those of their arms."""
    told = material.plan.data.columns.effects if "effects" in outcome.results else None
    if told is not None:
        effect, low, high = (_scaled(f"d${x}", outcome) for x in ("effect", "low", "high"))
        yield f"d$yi <- {effect}"
        if told.std_error is not None:
            yield "d$vi <- d$se^2"
        else:
            z = f"qnorm({0.5 + told.conf_level / 2:g})"
            yield f"d$vi <- (({high} - {low}) / (2 * {z}))^2"
    if outcome.results == ("effects",):
        return
    arms = (
        "m1i = mean1, sd1i = sd1, n1i = n1, m2i = mean2, sd2i = sd2, n2i = n2"
        if outcome.measure in OF_MEANS
        else "ai = events1, n1i = n1, ci = events2, n2i = n2"
    )
    if outcome.measure == "risk_difference":
        arms += ", addyi = FALSE"
    if told is not None:
        arms += ', replace = "ifna"'
    yield f'd <- escalc(measure = "{R_MEASURES[outcome.measure]}", {arms}, data = d)'


def _scaled(name: str, outcome: Outcome) -> str:
    return f"log({name})" if outcome.is_ratio else name


def _regression_test(measure: Measure) -> str:
    """Of a standardised difference the errors are those of the sizes alone."""
    if measure == "hedges_g":
        return 'regtest(d$yi, 1/d$n1 + 1/d$n2, model = "lm")'
    return 'regtest(fit, model = "lm")'


def _moderated(pooling: Pooling, test: str, term: str) -> str:
    method = R_ESTIMATORS[pooling.between_studies]
    return f'rma(yi, vi, mods = ~ {term}, data = d, method = "{method}", test = "{test}")'


def _r_name(label: str) -> str:
    return re.sub(r"\W+", "_", label).strip("_").lower()


_SAS = """proc glimmix data=d method=rspl;
  class study;
  weight w;  /* 1 / vi, the scale held at 1 */
  model yi = / solution cl;
  random intercept / subject=study;
  random _residual_;
  parms (0.1) (1) / hold=2;
run;"""
