"""What is wrong is said in a sentence that names it."""

import numpy as np
import pandas as pd
import pytest

import ketaoutcomes as ko
from api_trials import FORMULA, fit_of, trial

D = trial(30)
TWICE = pd.concat([D, D[D["id"] == 3].dropna().head(1)])
MOVED = D.assign(arm=D["arm"].where(D.index != D.index[D["change"].notna()][0], "active"))


@pytest.mark.parametrize(
    ("error", "match", "arguments"),
    [
        (
            "DataError",
            "no column `basline` .did you mean `baseline`",
            {"formula": "change ~ basline + arm"},
        ),
        ("DataError", "no columns `patient`, `week`", {"subject": "patient", "visit": "week"}),
        ("DataError", "1 participant has more than one row at a visit: 3 at Week", {"data": TWICE}),
        (
            "DataError",
            "1 participant has several values of `arm`.*: 0",
            {"data": MOVED, "covariance_by": "arm"},
        ),
        ("DataError", "`change` must hold numbers; it has 'a'", {"data": D.assign(change="a")}),
        ("DataError", "`baseline` has an infinite value", {"data": D.assign(baseline=np.inf)}),
        ("DataError", "no row has the outcome `change`", {"data": D.assign(change=np.nan)}),
        ("DataError", "no row has all.*`arm` is missing in", {"data": D.assign(arm=None)}),
        ("DataError", "the data have no rows", {"data": D.head(0)}),
        (
            "DataError",
            "`arm` has no level `plcebo`; did you mean `placebo`",
            {"levels": {"arm": "plcebo"}},
        ),
        (
            "DataError",
            "`levels` names `armm`, which is not a column; did you mean `arm`",
            {"levels": {"armm": "placebo"}},
        ),
        (
            "DataError",
            "a weight in `w` that is not above 0: 0, 1, 2.* and 20 more",
            {"data": D.assign(w=0.0), "weights": "w"},
        ),
        (
            "DataError",
            "`when` holds dates",
            {"data": D.assign(when=pd.Timestamp("2020-01-01")), "formula": "change ~ when"},
        ),
        (
            "DataError",
            "more than one column `arm`",
            {"data": D.join(D[["arm"]].rename(columns={"arm": "x"})).rename(columns={"x": "arm"})},
        ),
        (
            "ModelError",
            "`levels` names the numeric `baseline`.*C.baseline",
            {"levels": {"baseline": 30}},
        ),
        (
            "ModelError",
            "df='kenwardroger2' is not known; KR2 of SAS is another approximation",
            {"df": "kenwardroger2"},
        ),
        (
            "ModelError",
            "covariance='spherical' is not known; choose one of 'us', 'toep'",
            {"covariance": "spherical"},
        ),
        ("ModelError", 'Kenward-Roger needs method="reml"', {"df": "kr", "method": "ml"}),
        ("ModelError", 'Kenward-Roger needs.*vcov="model"', {"df": "kr", "vcov": "cr2"}),
        ("ModelError", "`sp_exp` needs the time", {"covariance": "sp_exp"}),
        ("ModelError", "conf_level=95 must lie between 0 and 1", {"conf_level": 95}),
        ("ModelError", "name the column of the subjects", {"subject": None}),
        (
            "ModelError",
            "subject='id', and the formula says `arm`",
            {"formula": "change ~ us(visit | arm)"},
        ),
        ("ModelError", "cannot be read: Operator", {"formula": "change ~ arm +"}),
        ("ModelError", "one outcome left of `~`", {"formula": "change + baseline ~ arm"}),
        (
            "ModelError",
            r"`foo\(baseline\)` in the formula cannot be computed",
            {"formula": "change ~ foo(baseline)"},
        ),
        (
            "ModelError",
            r"`poly\(baseline, 2\)` in the formula gives 2 columns",
            {"formula": "change ~ poly(baseline, 2)"},
        ),
        (
            "ModelError",
            r"`log\(0 \* baseline\)` is not a finite number in",
            {"formula": "change ~ log(0 * baseline)"},
        ),
        (
            "ModelError",
            "too few participants",
            {"data": D[D["id"] < 4], "formula": "change ~ visit"},
        ),
        (
            "ModelError",
            "could not be fitted: .*exactly|outcomes for",
            {"data": D[D["id"] < 1], "formula": "change ~ visit"},
        ),
    ],
)
def test_a_mistake_is_named(error, match, arguments):
    given = {"formula": FORMULA, "data": D, "levels": None} | arguments
    formula, data = given.pop("formula"), given.pop("data")
    with pytest.raises(getattr(ko, error), match=match):
        fit_of(data, formula, **given)


@pytest.mark.parametrize(
    ("match", "method", "arguments"),
    [
        ("no factor `am`; did you mean `arm`", "lsmeans", {"factor": "am"}),
        ("`baseline` is a numeric covariate.*C.baseline", "lsmeans", {"factor": "baseline"}),
        (
            "`at` names `age`; the numeric covariates of the model are `baseline`",
            "lsmeans",
            {"factor": "arm", "at": {"age": 1}},
        ),
        ("weights='x' is not known", "lsmeans", {"factor": "arm", "weights": "x"}),
        ("`arm` cannot be compared by itself", "lsmeans", {"factor": "arm", "by": "arm"}),
        (
            "`arm` has no level `palcebo`; did you mean `placebo`",
            "contrasts",
            {"factor": "arm", "reference": "palcebo"},
        ),
        (
            "`arm` has no level `x`; its levels are placebo, active",
            "contrasts",
            {"factor": "arm", "method": {"a": {"x": 1}}},
        ),
        ("method='dunnet' is not known", "contrasts", {"factor": "arm", "method": "dunnet"}),
        (
            "adjust='bonferoni' is not known; did you mean",
            "contrasts",
            {"factor": "arm", "adjust": "bonferoni"},
        ),
        ("type=1 is not known; choose 2 or 3", "anova", {"type": 1}),
        ("type='x' is not known", "residuals", {"type": "x"}),
        ("level=95", "tidy", {"conf_level": 95}),
    ],
)
def test_a_question_that_has_no_answer(match, method, arguments):
    with pytest.raises(ko.ModelError, match=match):
        getattr(FIT, method)(**arguments)


FIT = fit_of(D)


def test_new_rows_that_the_model_does_not_know():
    with pytest.raises(ko.DataError, match="the new data have no column `arm`"):
        FIT.predict(D.drop(columns="arm"))
    with pytest.raises(ko.DataError, match="`arm` has a level that was not in the fit: high"):
        FIT.predict(D.assign(arm="high"))
    with pytest.raises(ko.DataError, match="more than one row at a visit"):
        FIT.predict(TWICE, conditional=True)
    assert FIT.predict(D.assign(baseline=np.nan)).isna().all().all()
