"""The command that fits the scenarios to the published record and writes the ledger."""

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
    parser.add_argument(
        "scenario", nargs="*", help="take these and those fitted with them; default: all"
    )
    parser.add_argument(
        "--score-only", action="store_true", help="score the fitted values without a new fit"
    )
    parser.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="cross-validate with K parts of the results",
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
        "--steps", type=whole_number(1), metavar="N", help="stop a fit after N steps"
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
    parser.add_argument("-q", "--quiet", action="store_true", help="print the table only")


def _calibrate(arguments: argparse.Namespace) -> ExitCode:
    with told(quiet=arguments.quiet, timed=not sys.stderr.isatty()) as tell:
        lines = _compared(arguments) if arguments.against else _calibrated(arguments, tell)
    say("\n".join(lines))
    return ExitCode.OK


def _calibrated(arguments: argparse.Namespace, tell: Tell) -> list[str]:
    """Fit, score and write, as asked for; the lines of the table."""
    from ketaoutcomes.cohorts.calibration.calibrate import FIT_SUBJECTS, MOST_STEPS, fit_family
    from ketaoutcomes.cohorts.calibration.table import summary_lines, table_lines
    from ketaoutcomes.cohorts.calibration.writing import ledger_text, refuse_other_file, write_texts
    from ketaoutcomes.cohorts.evidence.files import read_evidence

    if arguments.out is not None:
        refuse_other_file(arguments.out)
    evidence = read_evidence()
    names = _families(evidence, tuple(arguments.scenario))
    if arguments.folds is not None:
        return _cross_validate(evidence, names, arguments, tell)
    if not arguments.score_only:
        for name in names:
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
    rows = _scored(evidence, names, arguments.subjects, tell)
    if arguments.out is not None:
        write_texts({arguments.out: ledger_text(rows)})
    if arguments.write:
        _write(evidence, names, rows, tell)
    return [*table_lines(rows), "", *summary_lines(evidence, rows)]


def _compared(arguments: argparse.Namespace) -> list[str]:
    """The lines that say how well a classifier tells real participants from synthetic ones."""
    from ketaoutcomes.cohorts.likeness.against import told_apart

    return told_apart(tuple(arguments.scenario), arguments.against, arguments.data, arguments.scale)


def _cross_validate(
    evidence: "Evidence", names: tuple[str, ...], arguments: argparse.Namespace, tell: Tell
) -> list[str]:
    from ketaoutcomes.cohorts.calibration.calibrate import FIT_SUBJECTS, MOST_STEPS
    from ketaoutcomes.cohorts.calibration.cross_validation import cross_validated
    from ketaoutcomes.cohorts.calibration.table import summary_lines, table_lines

    if arguments.folds < LEAST_FOLDS:
        problem = Problem("--folds", f"{LEAST_FOLDS} or more", str(arguments.folds), "write 5")
        raise PlanError("the folds cannot be used", (problem,))
    rows: list[LedgerRow] = []
    for name in names:
        if evidence.families[name].is_fitted:
            rows += cross_validated(
                evidence,
                name,
                arguments.folds,
                tell,
                subjects=arguments.fit_subjects or FIT_SUBJECTS,
                steps=arguments.steps or MOST_STEPS,
            )
    return [*table_lines(rows), "", *summary_lines(evidence, rows)]


def _scored(
    evidence: "Evidence", names: tuple[str, ...], subjects: int | None, tell: Tell
) -> tuple["LedgerRow", ...]:
    from ketaoutcomes.cohorts.calibration.scoring import SCORE_SUBJECTS, score

    rows: list[LedgerRow] = []
    for name in names:
        if evidence.families[name].is_fitted and name not in evidence.fitted:
            problem = Problem(name, "values that were fitted", "none", "leave --score-only out")
            raise CheckError("nothing to score", (problem,))
        tell(Share(f"scoring {name}", names.index(name), len(names)))
        rows += score(evidence, name, subjects=subjects or SCORE_SUBJECTS)
    return tuple(rows)


def _families(evidence: "Evidence", scenarios: tuple[str, ...]) -> tuple[str, ...]:
    """The families that hold the scenarios; all without any.

    Raises
    ------
    PlanError
        If a scenario is not calibrated.
    """
    known = sorted({s for family in evidence.families.values() for s in family.scenarios})
    problems = tuple(
        Problem(s, "a calibrated scenario", f"`{s}`", f"use one of: {', '.join(known)}")
        for s in scenarios
        if s not in known
    )
    if problems:
        raise PlanError("there is no such calibrated scenario", problems)
    return tuple(
        name
        for name, family in evidence.families.items()
        if not scenarios or not family.scenarios.keys().isdisjoint(scenarios)
    )


def _write(
    evidence: "Evidence", names: tuple[str, ...], rows: tuple["LedgerRow", ...], tell: Tell
) -> None:
    """Fitted values, ledger and scenarios, where the package is installed from its sources."""
    from ketaoutcomes.cohorts.calibration.writing import (
        fitted_text,
        ledger_text,
        scenario_text,
        values_of_scenario,
        write_texts,
    )
    from ketaoutcomes.cohorts.simulation.scenario import read_scenario

    package = Path(__file__).parents[1] / "cohorts"
    others = [row for row in evidence.ledger if row.family not in names]
    texts = {
        package / "evidence" / "fitted.yaml": fitted_text(evidence.fitted),
        package / "evidence" / "ledger.csv": ledger_text([*others, *rows]),
    }
    for name in names:
        family = evidence.families[name]
        if not family.is_fitted:
            continue
        for scenario in family.scenarios:
            path = package / "scenarios" / f"{scenario}.yaml"
            values = values_of_scenario(evidence, name, read_scenario(scenario), scenario)
            texts[path] = scenario_text(path.read_text(encoding="utf-8"), values)
    write_texts(texts)
    tell(f"wrote {', '.join(path.name for path in texts)}")
