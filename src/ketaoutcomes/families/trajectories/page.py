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

TRAJECTORY_REFERENCES = (
    "Verbeke G, Lesaffre E. A linear mixed-effects model with heterogeneity in the random-effects "
    "population. J Am Stat Assoc 1996;91:217-221.",
    "Muthén B, Shedden K. Finite mixture modeling with mixture outcomes using the EM algorithm. "
    "Biometrics 1999;55:463-469.",
    "Bauer DJ, Curran PJ. Distributional assumptions of growth mixture models. Psychol Methods "
    "2003;8:338-363.",
    "van de Schoot R, Sijbrandij M, Winter SD, et al. The GRoLTS-checklist. Struct Equ Modeling "
    "2017;24:451-467.",
)
WITHIN_WORDS = {
    "independent": "independent of each other",
    "compound symmetry": "equally correlated between all visits",
    "ar1": "correlated the less the more visits lie between",
}
WHAT_THEY_ARE = (
    "Classes describe how courses are spread out; they need not be kinds of patients. A skewed or "
    "heavy-tailed distribution of one kind of course is described by several classes too. Their "
    "number depends on what is assumed of deviations within a class.",
    "Of which class a subject is shows only once the course has been seen, so that the subjects of "
    "one class in two arms are no randomised comparison. The shares of a class may be compared "
    "between arms if its mean course is the same in all, which the model presumes.",
)


def trajectories_in_words(analysis: TrajectoryAnalysis) -> str:
    """The method for the report."""
    *first, last = map(str, analysis.classes)
    numbers = f"{', '.join(first)} and {last}" if first else last
    return (
        f"Changes at all visits were described by {numbers} classes, each with a mean at every "
        "visit, the same in all arms; the probability of a class differs between arms. Deviations "
        f"of a subject from the course of its class are normal, {WITHIN_WORDS[analysis.within]}, "
        "with one covariance for all classes; scores may be missing at random. Parameters are "
        f"those of highest likelihood over {analysis.starts} starts, of which the likeliest went "
        "on to the end. The number of classes with the lowest BIC is shown. Standard errors come "
        "from the empirical information."
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
        for name, analysis in material.plan.analyses.items()
        if isinstance(analysis, TrajectoryAnalysis)
        for block in _analysis(material, name)
    )
    return Section("trajectories", "Classes of courses", blocks) if blocks else None


def _analysis(material: Material, name: str) -> Iterator[Block]:
    criteria = material.results.select(analysis=name, table="trjt01")
    if failure := not_estimated(criteria):
        yield failure
    yield Callout("What classes are", WHAT_THEY_ARE)
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
        caption="How many classes",
        columns=(
            "",
            "Log likelihood",
            "Parameters",
            "BIC",
            "Entropy",
            "Smallest, %",
            "Starts at the top",
        ),
        rows=tuple(lines),
        footnotes=(
            "The lower the BIC the better. Entropy is 1 where all subjects are of one class for "
            "sure, 0 where nothing is known of any.",
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
        caption=f"{title}: mean course of each class with {level(plan.report.confidence_level)} "
        "intervals. Below: the expected size of the class, which is the same at every visit.",
        svg=course_svg(
            figure_id, {v: days[v] for v in visits}, courses, title, "Expected size of the class"
        ),
        alternative="; ".join(
            f"{course.label} ends at {number(course.means[-1], 1)}" for course in courses
        ),
        data=Table(
            id=f"trjt02-means-{name}",
            caption="Mean courses",
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
                    told_by("" if gap is None else p_cell(gap.p_value), gap),
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
        caption="Shares of the classes, % (CI)",
        columns=(
            "",
            *(arm_label(plan, phase, arm) for arm in arms),
            "Difference (CI)",
            "p",
            "Mean probability",
            "Odds of being right",
        ),
        rows=tuple(lines),
        footnotes=(
            f"Difference: {names[0]} minus {names[1]}, in percentage points. Shares are parameters "
            "of the model; means of posterior probabilities would draw the arms together. Mean "
            "probability: of the class, in those for whom it is the likeliest; below 0.7, or odds "
            "below 5, subjects are not told apart (Nagin 2005, Group-Based Modeling of "
            "Development, section 5.3).",
            *warnings,
        ),
    )
