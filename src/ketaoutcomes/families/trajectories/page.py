"""Classes of courses: how many, their means, their shares of each arm, and what they are not."""

from collections.abc import Iterator

from ketaoutcomes.families.shared.code import r_data
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis
from ketaoutcomes.report.blocks import Block, Callout, Cell, Figure, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.course import CourseArm, course_svg
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.labels import arm_label, arms_of, endpoint_title, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    count_of,
    estimate_with_limits,
    level,
    number,
    or_nan,
    p_cell,
)
from ketaoutcomes.results import Result

WITHIN_WORDS = {
    "independent": "independent of each other",
    "compound symmetry": "equally correlated between all visits",
    "ar1": "with a correlation that decreases with the number of visits between",
}
WHAT_THEY_ARE = (
    "Latent classes describe the distribution of trajectories; they need not be types of "
    "patients. A skewed or heavy-tailed distribution of one type of trajectory can also "
    "need several classes. Their number depends on the assumptions about deviations "
    "within a class.",
    "Class membership is known only after outcomes are observed, so that a comparison of "
    "arms within a class is not randomised. The proportions in each class can be "
    "compared between arms if its mean trajectory is the same in all arms, which the "
    "model assumes.",
)


def trajectories_in_words(analysis: TrajectoryAnalysis) -> str:
    """The method for the report."""
    *first, last = map(str, analysis.classes)
    numbers = f"{', '.join(first)} and {last}" if first else last
    return (
        f"Changes at all visits were described by {numbers} latent classes. Each has "
        "a mean at every visit that is the same in all arms, while the probability of a class "
        "differs between arms. Deviations of a participant from the mean trajectory of "
        f"the class are normal, {WITHIN_WORDS[analysis.within]}, with one covariance for "
        "all classes. Scores may be missing at random. The likelihood was maximised from "
        f"{analysis.starts} starting values, and the best were iterated to "
        "convergence. Results are shown for the number of classes with the lowest BIC. "
        "Standard errors come from the empirical information."
    )


def trajectory_calls(material: Material, name: str, analysis: TrajectoryAnalysis) -> dict[str, str]:
    """The nearest calls in R and SAS."""
    most = max(analysis.classes)
    within = {
        "independent": "random = ~ -1",
        "compound symmetry": "random = ~ 1",
        "ar1": "random = ~ -1, cor = AR(ADY)",
    }[analysis.within]
    r = (
        f"{r_data(material, name, 'ADQS', visits=True)}\n"
        'not_repeated("classes by many starts need the package lcmm, and time")\n'
        'if (requireNamespace("lcmm", quietly = TRUE)) {\n'
        "  d$ID <- as.integer(d$USUBJID)\n"
        f'  one <- lcmm::hlme(CHG ~ AVISIT, {within}, subject = "ID", ng = 1, data = d)\n'
        f"  print(lcmm::gridsearch(rep = {analysis.starts}, maxiter = 30, minit = one,\n"
        f"    lcmm::hlme(CHG ~ AVISIT, mixture = ~ AVISIT, classmb = ~ TRTP, {within},\n"
        f'               subject = "ID", ng = {most}, data = d)))\n'
        "}"
    )
    sas = (
        f"proc traj data=wide outplot=op outstat=os;\n  id id; var y1-y5; indep t1-t5;\n"
        f"  model cnorm; ngroups {most}; order {' '.join(['3'] * most)}; risk TRTP;\nrun;"
        "  /* deviations independent, courses polynomial */"
    )
    return {"R": r, "SAS": sas}


def trajectories_section(material: Material) -> Section | None:
    """All analyses by classes of courses."""
    blocks = tuple(
        block
        for name in material.analyses(TrajectoryAnalysis)
        for block in _analysis(material, name)
    )
    return Section("trajectories", "Latent trajectory classes", blocks) if blocks else None


def _analysis(material: Material, name: str) -> Iterator[Block]:
    criteria = material.results.select(analysis=name, table="trjt01")
    if failure := not_estimated(criteria):
        yield failure
    yield Callout("Interpretation", WHAT_THEY_ARE)
    if any(row.statistic == "log likelihood" for row in criteria):
        yield _how_many(name, criteria)
    chosen = material.results.select(analysis=name, table="trjt02")
    if chosen:
        yield _figure(material, name, chosen)
        yield _shares(material, name, chosen)


def _classes(rows: tuple[Result, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.group for row in rows if row.group))


def _how_many(name: str, rows: tuple[Result, ...]) -> Table:
    """The criteria of each number of classes."""
    lines = []
    for group in dict.fromkeys(row.group for row in rows):
        found = {row.statistic: row for row in rows if row.group == group}
        if "log likelihood" not in found:
            continue
        top, end = found["starts at the top"], found["starts to the end"]
        lines.append(
            table_row(
                group,
                [
                    _told(found["log likelihood"], 1),
                    _told(found["parameters"], 0),
                    _told(found["BIC"], 1),
                    _told(found["entropy"], 2),
                    _told(found["smallest class"], 0),
                    told_by(f"{number(top.estimate, 0)} of {number(end.estimate, 0)}", top, end),
                ],
            )
        )
    warnings = tuple(f"{titled(row.group)}: {row.message}." for row in rows if row.message)
    return Table(
        id=f"trjt01-{name}",
        caption="Number of classes",
        columns=(
            "",
            "Log likelihood",
            "Parameters",
            "BIC",
            "Entropy",
            "Smallest, %",
            "Starts at the maximum",
        ),
        rows=tuple(lines),
        footnotes=(
            "A lower BIC is better. Entropy: 1 if class membership is certain for all "
            "participants, 0 if it is unknown for all.",
            *warnings,
        ),
    )


def _told(row: Result, decimals: int) -> Cell:
    return told_by(number(row.estimate, decimals), row)


def _figure(material: Material, name: str, rows: tuple[Result, ...]) -> Figure:
    """The mean course of each class with its interval."""
    plan, target = material.plan, material.estimand(name)
    means = {(row.group, row.visit): row for row in rows if row.statistic == "mean"}
    visits = dict.fromkeys(visit for _, visit in means)
    days = plan.phases[rows[0].phase].nominal_days
    classes = tuple(dict.fromkeys(group for group, _ in means))
    courses = tuple(
        CourseArm(
            label=titled(group),
            means=tuple(or_nan(means[group, v].estimate) for v in visits),
            low=tuple(or_nan(means[group, v].conf_low) for v in visits),
            high=tuple(or_nan(means[group, v].conf_high) for v in visits),
            n=tuple(count_of(means[group, v]) for v in visits),
        )
        for group in classes
    )
    title = endpoint_title(plan, target.endpoint)
    figure_id = f"trjg01-{name}"
    return Figure(
        id=figure_id,
        caption=f"{title}: mean trajectory of each class with "
        f"{level(plan.report.confidence_level)} CIs. Below: expected class size, the same "
        "at every visit.",
        svg=course_svg(
            figure_id, {v: days[v] for v in visits}, courses, title, "Expected class size"
        ),
        alternative="; ".join(
            f"{course.label} ends at {number(course.means[-1], 1)}" for course in courses
        ),
        data=Table(
            id=f"trjt02-means-{name}",
            caption="Mean trajectories",
            columns=("Visit", *map(titled, classes)),
            rows=tuple(
                table_row(
                    visit,
                    [
                        told_by(estimate_with_limits(means[g, visit]), means[g, visit])
                        for g in classes
                    ],
                )
                for visit in visits
            ),
        ),
    )


def _shares(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    """Shares of each class by arm, and how surely subjects are assigned."""
    plan, phase = material.plan, rows[0].phase
    arms = [arm for arm in arms_of(plan, phase) if any(row.arm == arm for row in rows)]
    lines = []
    for group in _classes(rows):
        mine = [row for row in rows if row.group == group]
        shares = {row.arm: row for row in mine if row.statistic == "share"}
        gap = next((row for row in mine if row.statistic == "difference in shares"), None)
        sure = next((row for row in mine if row.statistic == "mean posterior probability"), None)
        odds = next(
            (row for row in mine if row.statistic == "odds of correct classification"), None
        )
        lines.append(
            table_row(
                titled(group),
                [
                    *(told_by(estimate_with_limits(shares.get(a)), shares.get(a)) for a in arms),
                    told_by("" if gap is None else estimate_with_limits(gap), gap),
                    told_by("" if gap is None else p_cell(gap), gap),
                    told_by("" if sure is None else number(sure.estimate, 2), sure),
                    told_by("" if odds is None else number(odds.estimate, 1), odds),
                ],
            )
        )
    warnings = tuple(
        f"{titled(row.group)}: {row.message}."
        for row in rows
        if row.status == "warning" and row.message
    )
    treatment = material.estimand(name).treatment
    names = [arm_label(plan, phase, arm) for arm in (treatment.active, treatment.reference)]
    return Table(
        id=f"trjt02-{name}",
        caption=f"Class proportions, % ({material.interval_name})",
        columns=(
            "",
            *(arm_label(plan, phase, arm) for arm in arms),
            f"Difference ({material.interval_name})",
            "p",
            "Mean posterior probability",
            "Odds of correct classification",
        ),
        rows=tuple(lines),
        footnotes=(
            f"Difference: {names[0]} versus {names[1]}, percentage points. Proportions "
            "are parameters of the model; means of posterior probabilities would be "
            "biased towards equality. Mean posterior probability: among participants "
            "assigned to the class; values below 0.7, or odds below 5, indicate poor "
            "classification (Nagin 2005, Group-Based Modeling of Development, section "
            "5.3).",
            *warnings,
        ),
    )
