"""The page for users of R and SAS: its blocks run, and each argument that it names is one."""

import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ketaoutcomes as ko
from api_trials import fit_of, trial

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "coming-from-r.md").read_text("utf-8")
BLOCK = re.compile(r"```py\n(.*?)```", re.DOTALL)
CALL = re.compile(r"`ko\.(?P<name>\w+)\((?P<arguments>[^`]*)\)`")
ARGUMENT = re.compile(r"(?<![\w\"])(\w+)=(?!=)")
CODE = re.compile(r"`([^`]+)`")
OF_THE_MODEL = re.compile(r"^(?P<name>df|vcov|covariance|method)=\"(?P<value>[\w-]+)\"")
ALSO = re.compile(r"^\"(?P<value>[\w-]+)\"$")
SECTIONS = dict(
    zip(*[iter(re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)[1:])] * 2, strict=True)
)


def fev() -> pd.DataFrame:
    """A trial under the names of the example of R's mmrm."""
    names = {"id": "USUBJID", "visit": "AVISIT", "arm": "ARMCD", "change": "FEV1"}
    frame = trial().rename(columns=names)
    return frame.assign(RACE=np.where(frame["USUBJID"] % 3, "White", "Asian"))


def test_every_block_runs() -> None:
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) == PAGE.count("```py\n") > 1
    for block in blocks:
        known: dict[str, Any] = {"ko": ko, "fev": fev(), "d": trial()}
        exec(compile(block, "coming-from-r.md", "exec"), known)  # noqa: S102 our own page
        assert known["fit"].tidy().shape[0] > 1


def calls() -> list[tuple[str, str]]:
    return [(found["name"], found["arguments"]) for found in CALL.finditer(PAGE)]


@pytest.mark.parametrize(("name", "arguments"), calls())
def test_every_call_names_arguments_that_there_are(name: str, arguments: str) -> None:
    known = set(inspect.signature(getattr(ko, name)).parameters)
    assert set(ARGUMENT.findall(arguments)) <= known


def options_of(section: str) -> list[tuple[str, str]]:
    """Each option of `ko.mmrm` in the right column, with each value that is listed after it."""
    found = []
    for row in SECTIONS[section].splitlines():
        name = ""
        for code in CODE.findall(row.rsplit(" | ", 1)[-1]):
            if told := OF_THE_MODEL.match(code):
                name = told["name"]
                found.append((name, told["value"]))
            elif name and (other := ALSO.match(code)):
                found.append((name, other["value"]))
    return found


OPTIONS = sorted({*options_of("mmrm and emmeans"), *options_of("PROC MIXED")})


def test_the_options_are_found() -> None:
    assert {"UN", "ARH(1)", "toeph"} <= set(structures())
    assert {("df", "residual"), ("vcov", "cr2"), ("df", "bw"), ("method", "ml")} <= set(OPTIONS)


@pytest.mark.parametrize(("name", "value"), OPTIONS)
def test_every_option_is_taken(name: str, value: str) -> None:
    frame = trial(dropout=0.0)
    day = frame["visit"].str.removeprefix("Week ").astype(float) * 7
    others: dict[str, Any] = {"coordinates": "day"} if value == "sp_exp" else {}
    given = {name: value} if (name, value) != ("method", "pairwise") else {}
    fit = fit_of(frame.assign(day=day), **given, **others)
    if not given:
        fit.contrasts("arm", by="visit", method=value)
    assert fit.params.notna().all()


def structures() -> list[str]:
    """The structures of PROC MIXED and those of R, as one row of the page names them."""
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| `type=UN`"))
    return [code.removeprefix("type=") for code in CODE.findall(row)]


@pytest.mark.parametrize("structure", structures())
def test_every_structure_is_taken_by_its_name(structure: str) -> None:
    fit = fit_of(trial(dropout=0.0), covariance=structure)
    assert fit.params.notna().all()


def test_methods_of_a_fit_are_there() -> None:
    fit = fit_of(trial())
    named = [code for row in PAGE.splitlines() for code in CODE.findall(row.rsplit(" | ", 1)[-1])]
    of_a_fit = {"anova", "predict", "residuals", "lsmeans", "contrasts", "cov_params", "conf_int"}
    asked = {code.split("(", 1)[0] for code in named if "(" in code}
    assert of_a_fit <= asked
    assert [name for name in sorted(of_a_fit) if not callable(getattr(fit, name, None))] == []
    assert fit.residuals("normalised").notna().any()
    assert {"llf", "aic", "bic", "covariance", "params"} <= set(dir(fit))
