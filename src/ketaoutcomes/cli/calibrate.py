"""The command that fits scenarios, and replicas of trials, to the published record."""

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ketaoutcomes.cli.numbers import FEWEST_SUBJECTS, whole_number
from ketaoutcomes.cli.run import takes_data
from ketaoutcomes.cli.telling import Tell, told
from ketaoutcomes.cli.terminal import say
from ketaoutcomes.errors import CheckError, ExitCode, PlanError, Problem
from ketaoutcomes.progress import Share

if TYPE_CHECKING:
    from ketaoutcomes.cohorts.evidence.ledger import LedgerRow
    from ketaoutcomes.cohorts.evidence.library import Evidence
    from ketaoutcomes.cohorts.evidence.shipped import ShippedRow

Values = dict[str, dict[str, float]]
"""New numbers of scenarios by dotted path."""

LEAST_FOLDS = 2


def add_calibrate_command(add: Callable[..., None]) -> None:
    """Add the command; `add` takes a name, a function, words and options."""
    add(
        "calibrate",
        _calibrate,
        "fit scenarios to published results, or score them",
        _options,
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", help="take these scenarios; default: all")
    parser.add_argument(
        "--score-only", action="store_true", help="score the fitted values without a new fit"
    )
    parser.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="cross-validate with K parts of the trials",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="write values, results and scenarios to the package",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the calibration results as CSV"
    )
    parser.add_argument(
        "--subjects",
        type=whole_number(FEWEST_SUBJECTS),
        metavar="N",
        help="simulate N participants per arm for the score",
    )
    parser.add_argument(
        "--fit-subjects",
        type=whole_number(FEWEST_SUBJECTS),
        metavar="N",
        help="simulate N participants per arm for the fit",
    )
    parser.add_argument(
        "--steps",
        type=whole_number(1),
        metavar="N",
        help="take at most N steps in a round of a fit",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="PLAN",
        help="compare with the real participants of this plan",
    )
    takes_data(parser)
    parser.add_argument(
        "--scale", metavar="SCALE", help="compare this scale; default: that of the first endpoint"
    )
    parser.add_argument(
        "--setting",
        choices=("clinic", "primary_care"),
        help="take the leaving of such studies, with --against",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print the table only")


def _calibrate(arguments: argparse.Namespace) -> ExitCode:
    with told(quiet=arguments.quiet, timed=not sys.stderr.isatty()) as tell:
        lines = _compared(arguments) if arguments.against else _calibrated(arguments, tell)
    say("\n".join(lines))
    return ExitCode.OK


def _calibrated(arguments: argparse.Namespace, tell: Tell) -> list[str]:
    """Fit, score and write, as asked for; the lines of the table."""
    from ketaoutcomes.cohorts.calibration.table import reason_lines, summary_lines, table_lines
    from ketaoutcomes.cohorts.calibration.writing import (
        refuse_other_file,
        shipped_text,
        write_texts,
    )
    from ketaoutcomes.cohorts.evidence.files import read_evidence

    if arguments.out is not None:
        refuse_other_file(arguments.out)
    evidence = read_evidence()
    scenarios = _scenarios(evidence, tuple(arguments.scenario))
    families = _families(evidence, scenarios)
    if arguments.folds is not None:
        rows = _cross_validated(evidence, scenarios, arguments, tell)
        replicas: tuple[LedgerRow, ...] = ()
        if arguments.write:
            _write_folds(evidence, rows, tell)
    else:
        if not arguments.score_only:
            evidence = _fitted_replicas(evidence, families, arguments, tell)
        replicas = _scored_replicas(evidence, families, arguments.subjects, tell)
        others = [row for row in evidence.ledger if row.family not in families]
        evidence = dataclasses.replace(evidence, ledger=(*others, *replicas))
        values = {} if arguments.score_only else _fitted(evidence, scenarios, arguments, tell)
        rows = _scored(evidence, scenarios, values, arguments.subjects, tell)
        if arguments.write:
            _write(evidence, values, rows, tell)
    if arguments.out is not None:
        write_texts({arguments.out: shipped_text(rows)})
    reasons = reason_lines(dataclasses.replace(evidence, shipped=rows), rows)
    told = ["", "missed, or contradicted by results of other trials:", *reasons] if reasons else []
    return [*table_lines(rows), *told, "", *summary_lines(evidence, rows, replicas)]


def _compared(arguments: argparse.Namespace) -> list[str]:
    """The lines that say how well a classifier tells real participants from synthetic ones."""
    from ketaoutcomes.cohorts.likeness.against import told_apart

    return told_apart(
        tuple(arguments.scenario),
        arguments.against,
        arguments.data,
        arguments.scale,
        arguments.setting,
    )


def _fitted_replicas(
    evidence: "Evidence", families: tuple[str, ...], arguments: argparse.Namespace, tell: Tell
) -> "Evidence":
    """The evidence with new values of the trials' replicas."""
    from ketaoutcomes.cohorts.calibration.calibrate import FIT_SUBJECTS, MOST_STEPS, fit_family

    for name in families:
        if not evidence.families[name].is_fitted:
            continue
        fitted, report = fit_family(
            evidence,
            name,
            tell,
            subjects=arguments.fit_subjects or FIT_SUBJECTS,
            steps=arguments.steps or MOST_STEPS,
        )
        evidence = dataclasses.replace(evidence, fitted={**evidence.fitted, name: fitted})
        tell(
            f"{name}: {report.targets} targets, {report.parameters} parameters; the targets "
            f"determine {report.effective_parameters:.0f}"
        )
    return evidence


def _fitted(
    evidence: "Evidence", scenarios: tuple[str, ...], arguments: argparse.Namespace, tell: Tell
) -> Values:
    """New values of the scenarios as they ship."""
    from ketaoutcomes.cohorts.calibration.calibrate import MOST_STEPS
    from ketaoutcomes.cohorts.calibration.shipped import SHIPPED_FIT_SUBJECTS, fit_shipped

    return {
        name: fit_shipped(
            evidence,
            name,
            tell,
            subjects=arguments.fit_subjects or SHIPPED_FIT_SUBJECTS,
            steps=arguments.steps or MOST_STEPS,
        )
        for name in scenarios
    }


def _cross_validated(
    evidence: "Evidence", scenarios: tuple[str, ...], arguments: argparse.Namespace, tell: Tell
) -> tuple["ShippedRow", ...]:
    from ketaoutcomes.cohorts.calibration.calibrate import MOST_STEPS
    from ketaoutcomes.cohorts.calibration.cross_validation import cross_validated
    from ketaoutcomes.cohorts.calibration.shipped import SHIPPED_FIT_SUBJECTS, SHIPPED_SUBJECTS

    if arguments.folds < LEAST_FOLDS:
        problem = Problem("--folds", f"{LEAST_FOLDS} or more", str(arguments.folds), "write 5")
        raise PlanError("the folds cannot be used", (problem,))
    return tuple(
        row
        for name in scenarios
        for row in cross_validated(
            evidence,
            name,
            arguments.folds,
            tell,
            fit_subjects=arguments.fit_subjects or SHIPPED_FIT_SUBJECTS,
            subjects=arguments.subjects or SHIPPED_SUBJECTS,
            steps=arguments.steps or MOST_STEPS,
        )
    )


def _scored_replicas(
    evidence: "Evidence", families: tuple[str, ...], subjects: int | None, tell: Tell
) -> tuple["LedgerRow", ...]:
    from ketaoutcomes.cohorts.calibration.scoring import SCORE_SUBJECTS, score

    rows: list[LedgerRow] = []
    for place, name in enumerate(families):
        if evidence.families[name].is_fitted and name not in evidence.fitted:
            problem = Problem(name, "values that were fitted", "none", "leave --score-only out")
            raise CheckError("nothing to score", (problem,))
        tell(Share(f"scoring replicas of {name}", place, len(families)))
        rows += score(evidence, name, subjects=subjects or SCORE_SUBJECTS)
    return tuple(rows)


def _scored(
    evidence: "Evidence",
    scenarios: tuple[str, ...],
    values: Values,
    subjects: int | None,
    tell: Tell,
) -> tuple["ShippedRow", ...]:
    """The ledger of the scenarios as they ship, or as they will with new values."""
    from ketaoutcomes.cohorts.calibration.replay import with_values
    from ketaoutcomes.cohorts.calibration.shipped import SHIPPED_SUBJECTS, score_shipped
    from ketaoutcomes.cohorts.simulation.scenario import read_scenario

    rows: list[ShippedRow] = []
    for place, name in enumerate(scenarios):
        tell(Share(f"scoring {name}", place, len(scenarios)))
        scenario = with_values(read_scenario(name), values.get(name, {}))
        rows += score_shipped(
            evidence,
            (name,),
            subjects=subjects or SHIPPED_SUBJECTS,
            read=lambda _, scenario=scenario: scenario,  # type: ignore[misc]
        )
    return tuple(rows)


def _scenarios(evidence: "Evidence", named: tuple[str, ...]) -> tuple[str, ...]:
    """The scenarios that are meant; all without any.

    Raises
    ------
    PlanError
        If a scenario is not calibrated.
    """
    known = sorted(evidence.shipping)
    problems = tuple(
        Problem(s, "a calibrated scenario", f"`{s}`", f"use one of: {', '.join(known)}")
        for s in named
        if s not in known
    )
    if problems:
        raise PlanError("there is no such calibrated scenario", problems)
    return tuple(name for name in known if not named or name in named)


def _families(evidence: "Evidence", scenarios: tuple[str, ...]) -> tuple[str, ...]:
    """The families of replicas that hold any of the scenarios."""
    return tuple(
        name
        for name, family in evidence.families.items()
        if not family.scenarios.keys().isdisjoint(scenarios)
    )


PACKAGE = Path(__file__).parents[1] / "cohorts"
PAGE = Path(__file__).parents[3] / "docs" / "methods" / "calibration.md"


def _page(evidence: "Evidence") -> dict[Path, str]:
    """The page of the documentation with its tables written anew, where there is one."""
    from ketaoutcomes.cohorts.calibration.documentation import with_tables

    if not PAGE.exists():
        return {}
    return {PAGE: with_tables(PAGE.read_text(encoding="utf-8"), evidence)}


def _with_other_scenarios(
    rows: tuple["ShippedRow", ...], before: tuple["ShippedRow", ...]
) -> tuple["ShippedRow", ...]:
    """A whole ledger: new rows, and those of the scenarios that were not scored now."""
    scored = {row.scenario for row in rows}
    others = [row for row in before if row.scenario not in scored]
    return tuple(sorted([*others, *rows], key=lambda row: row.scenario))


def _write_folds(evidence: "Evidence", rows: tuple["ShippedRow", ...], tell: Tell) -> None:
    """The ledger of the folds, and the page that tells it."""
    from ketaoutcomes.cohorts.calibration.writing import shipped_text, write_texts

    whole = _with_other_scenarios(rows, evidence.folds)
    texts = {PACKAGE / "evidence" / "folds.csv": shipped_text(whole)}
    write_texts(texts | _page(dataclasses.replace(evidence, folds=whole)))
    tell("wrote folds.csv")


def _write(
    evidence: "Evidence", values: Values, rows: tuple["ShippedRow", ...], tell: Tell
) -> None:
    """Fitted values, ledgers and scenarios, where the package is installed from its sources."""
    from ketaoutcomes.cohorts.calibration.writing import (
        calibrated_to,
        fitted_text,
        ledger_text,
        scenario_text,
        shipped_text,
        write_texts,
    )

    whole = _with_other_scenarios(rows, evidence.shipped)
    texts = {
        PACKAGE / "evidence" / "fitted.yaml": fitted_text(evidence.fitted),
        PACKAGE / "evidence" / "ledger.csv": ledger_text(evidence.ledger),
        PACKAGE / "evidence" / "shipped.csv": shipped_text(whole),
        **_page(dataclasses.replace(evidence, shipped=whole)),
    }
    for name in dict.fromkeys(row.scenario for row in rows):
        path = PACKAGE / "scenarios" / f"{name}.yaml"
        targets = calibrated_to(evidence, (row for row in rows if row.scenario == name))
        text = path.read_text(encoding="utf-8")
        texts[path] = scenario_text(text, values.get(name, {}), targets)
    write_texts(texts)
    tell(f"wrote {', '.join(path.name for path in texts)}")
