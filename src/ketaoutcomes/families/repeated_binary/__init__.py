"""Outcomes of yes and no at every visit: estimating equations and a logistic mixed model."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.registry import MOST_ROWS_ONE_BY_ONE, Family, Model
from ketaoutcomes.families.repeated_binary.formulas import FORMULAS
from ketaoutcomes.families.repeated_binary.plan import GeeAnalysis, LogisticMixedAnalysis

with imported_when_called(__name__):
    from ketaoutcomes.families.repeated_binary.calls import gee_calls, logistic_mixed_calls
    from ketaoutcomes.families.repeated_binary.gee import fit_gee_analysis
    from ketaoutcomes.families.repeated_binary.hide import responders_behind_proportions
    from ketaoutcomes.families.repeated_binary.logistic_mixed import fit_logistic_mixed_analysis
    from ketaoutcomes.families.repeated_binary.names import seen_once
    from ketaoutcomes.families.repeated_binary.page import binary_repeated_section
    from ketaoutcomes.families.repeated_binary.second import check_gee, check_logistic_mixed
    from ketaoutcomes.families.repeated_binary.words import gee_in_words, logistic_mixed_in_words

GEE_REFERENCES = (
    "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. "
    "Biometrika 1986;73:13-22.",
    "Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample "
    "properties. Biometrics 2001;57:126-134.",
)
LOGISTIC_MIXED_REFERENCES = (
    "Pinheiro JC, Bates DM. Approximations to the log-likelihood function in the nonlinear "
    "mixed-effects model. J Comput Graph Stat 1995;4:12-35.",
)


FAMILY = Family(
    name="repeated_binary",
    place=30,
    models=(
        Model(
            part=GeeAnalysis,
            known_as={
                **dict.fromkeys(
                    ("genmod", "geeglm", "geepack", "generalised estimating equations"),
                    "write `gee`",
                ),
            },
            label="Generalised estimating equations",
            table="geet01",
            takes=(ChangeData, BinaryData),
            fit=fit_gee_analysis,
            second=check_gee,
            second_rows=MOST_ROWS_ONE_BY_ONE,
            in_words=gee_in_words,
            without=("risk ratio",),
            calls=gee_calls,
            references=GEE_REFERENCES,
            given_covariates=("mean change", "proportion"),
        ),
        Model(
            part=LogisticMixedAnalysis,
            known_as={
                **dict.fromkeys(
                    ("glmm", "glmer", "glimmix", "mixed logistic", "logistic random intercept"),
                    "write `logistic_mixed` for a binary endpoint",
                ),
                "logistic": "write `logistic_mixed`, `gee` or `g_computation`",
            },
            label="Logistic mixed model",
            table="glmmt01",
            takes=(BinaryData,),
            fit=fit_logistic_mixed_analysis,
            second=check_logistic_mixed,
            second_rows=MOST_ROWS_ONE_BY_ONE,
            in_words=logistic_mixed_in_words,
            without=("risk ratio",),
            names=seen_once,
            calls=logistic_mixed_calls,
            references=LOGISTIC_MIXED_REFERENCES,
            given_covariates=("proportion",),
        ),
    ),
    tables={"geet01": "estimating equations by visit", "glmmt01": "logistic mixed model by visit"},
    estimate_tables=("geet01", "glmmt01"),
    relations=responders_behind_proportions,
    formulas=FORMULAS,
    sections=((330, binary_repeated_section),),
)
"""Outcomes of yes and no at every visit: estimating equations and a logistic mixed model."""
