"""Rules about subjects, arms and covariates."""

import re
from collections.abc import Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.data.assemble import assigned_arms, covariate_table, in_intervals
from ketaoutcomes.data.contract.parts import (
    Contract,
    faulty_rows,
    in_column,
    repeated,
    unknown_labels,
    whole_column,
)
from ketaoutcomes.data.findings import CORRECT, DECIMAL_COMMA, listed, remedy_of_words, units_of
from ketaoutcomes.data.mapping import is_number, numbers, phases_in_use
from ketaoutcomes.errors import Problem

MOSTLY: Final = 0.5
LEADING_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")
WHOLE_AS_DECIMAL: Final = re.compile(r"^(\d+)\.0+$")
CUT_SHORT: Final = {"f": "female", "m": "male", "w": "woman", "y": "yes", "n": "no"}
"""Letters that stand for a word; other single letters may be levels of their own, as A and AB."""
LOST_ZEROS: Final = (
    "; programs that take codes for numbers lose leading zeros, or add .0: save the column as text"
)
SUMMARY: Final = re.compile(
    r"(?i:(?:grand |sub-?)?(?:total|totals|sum|mean|average|median|std|std\.? ?dev|summe|gesamt"
    r"|gesamtsumme|mittelwert|mittel|durchschnitt|somme|moyenne|suma|promedio|somma|totale))"
    r"(?:\s*[:(].*)?"
)
"""What spreadsheets call the last row, of totals or means."""
MOST_LEVELS: Final = 6
"""Numbers with a unit that are categories, as doses are, have no more levels."""


def subject_told(contract: Contract) -> Iterator[Problem]:
    """Every row says whose it is."""
    for table in contract.holding("subject"):
        yield from faulty_rows(
            table,
            "subject",
            table.frame["subject"].isna(),
            "a participant in every row",
            "fill in the participant (merged cells of a spreadsheet leave it empty), or remove the "
            "row",
        )


def subject_is_no_summary(contract: Contract) -> Iterator[Problem]:
    """No row holds the total or the mean of the others, as spreadsheets have it at their end."""
    for table in contract.holding("subject"):
        summed = table.frame["subject"].fillna("").str.fullmatch(SUMMARY)
        rows = tuple(dict.fromkeys(table.frame.index[summed]))
        yield from faulty_rows(
            table,
            "subject",
            summed,
            "the code of a participant",
            f"delete {'the row' if len(rows) == 1 else 'these rows'}: a total or a mean of others "
            "is no participant",
        )


def subject_spelt_one_way(contract: Contract) -> Iterator[Problem]:
    """No subject is S01 here and s01 there, or 001 and 1, which would make two people of one.

    Spellings that are told apart at the same visit, or in a file of one row a subject, are two
    people indeed.
    """
    told = [
        table.frame[["subject"]].assign(
            role=role,
            row=table.frame.index,
            visit=table.frame["visit"] if table.has("visit") else "",
        )
        for role, table in contract.tables.items()
        if table.has("subject")
    ]
    if not told:
        return
    rows = pd.concat(told, ignore_index=True).dropna(subset=["subject"])
    bare = {spelt: _bare(spelt) for spelt in rows["subject"].unique()}
    if len(set(bare.values())) == len(bare):
        return
    rows["folded"] = rows["subject"].map(bare)
    spellings = rows.groupby("folded")["subject"].transform("nunique")
    rows = rows[spellings > 1]
    together = rows.groupby(["folded", "role", "visit"])["subject"].nunique()
    people = together[together > 1].index.get_level_values("folded")
    rows = rows[~rows["folded"].isin(people)]
    rows["first"] = rows.groupby("folded")["subject"].transform("first")
    odd = rows[rows["subject"] != rows["first"]]
    for role, table in contract.tables.items():
        wrong = odd[odd["role"] == role]
        if wrong.empty:
            continue
        capitals = (wrong["subject"].str.casefold() == wrong["first"].str.casefold()).all()
        yield Problem(
            in_column(table, "subject", wrong["row"]),
            "each participant spelt in one way",
            f"{listed(wrong['subject'])}, elsewhere "
            + ("in other capitals" if capitals else listed(wrong["first"])),
            "write the participant the same in every row and file"
            + ("" if capitals else LOST_ZEROS),
        )


def _bare(subject: str) -> str:
    """A subject's code without what programs change in it: capitals, leading zeros, a final .0."""
    whole = WHOLE_AS_DECIMAL.sub(r"\1", subject.casefold())
    return LEADING_ZEROS.sub("", whole)


def phase_known(contract: Contract) -> Iterator[Problem]:
    """Every phase in the data is one of the plan's."""
    for table in contract.holding("phase"):
        yield from unknown_labels(table, "phase", contract.plan.phases)


def arm_known(contract: Contract) -> Iterator[Problem]:
    """Every arm in the data is one of its phase."""
    for table in contract.holding("arm", "phase"):
        for name, phase in contract.plan.phases.items():
            yield from unknown_labels(table, "arm", phase.arms, table.frame["phase"] == name)


def one_arm_a_phase(contract: Contract) -> Iterator[Problem]:
    """No subject is in two arms of a phase, within a file or between files."""
    told = [
        table.frame[["subject", "phase", "arm"]].assign(role=role, row=table.frame.index)
        for role, table in contract.tables.items()
        if table.has("subject", "phase", "arm")
    ]
    if not told:
        return
    arms = pd.concat(told, ignore_index=True).dropna()
    first = arms.groupby(["subject", "phase"])["arm"].transform("first")
    wrong = arms[arms["arm"] != first]
    for role, table in contract.tables.items():
        rows = wrong[wrong["role"] == role]
        if rows.empty:
            continue
        subjects = tuple(rows["subject"].unique())
        both = arms.loc[arms["subject"] == subjects[0], "arm"].unique()
        yield Problem(
            in_column(table, "arm", rows["row"]),
            "one arm per participant in a phase",
            f"participant {subjects[0]} in {listed(both)}; participants in two arms: "
            f"{listed(subjects)}",
            "correct the arm, or name the phases with `data.columns.phase`",
        )


def every_arm_present(contract: Contract) -> Iterator[Problem]:
    """Each arm of a phase that is analysed has a subject."""
    arms = assigned_arms(contract.tables)
    if arms.empty:
        return
    for name in phases_in_use(contract.plan):
        present = arms.loc[arms["phase"] == name, "arm"]
        known = contract.plan.phases[name].arms
        absent = [arm for arm in known if arm not in set(present)]
        none_known = len(absent) == len(known)  # then the labels are told to be unknown
        if absent and not none_known:
            table = next(contract.holding("arm", "phase"))
            yield Problem(
                whole_column(table, "arm"),
                f"participants in every arm of phase `{name}`: {listed(known)}",
                f"only {listed(sorted(set(present) & set(known)))}; none in {listed(absent)}",
                "compare two arms: check the export and `data.labels.arm`",
            )


def every_subject_assigned(contract: Contract) -> Iterator[Problem]:
    """Whoever has a visit, an event or a time also has an arm."""
    arms = assigned_arms(contract.tables)
    if arms.empty:
        return
    assigned = pd.MultiIndex.from_frame(arms[["subject", "phase"]])
    for table in contract.holding("subject", "phase"):
        if table.role == "subjects" or table.has("arm"):
            continue
        keys = pd.MultiIndex.from_frame(table.frame[["subject", "phase"]])
        stray = pd.Series(~keys.isin(assigned), index=table.frame.index)
        yield from faulty_rows(
            table,
            "subject",
            stray & table.frame["subject"].notna(),
            "participants with an arm",
            "add the participant to the file that holds the arms, or remove these rows",
        )


def one_row_a_subject(contract: Contract) -> Iterator[Problem]:
    """The subjects file has one row a subject (and phase, where it tells phases)."""
    for table in contract.table("subjects", "subject"):
        key = ["subject", "phase"] if table.has("phase") else ["subject"]
        yield from faulty_rows(
            table,
            "subject",
            table.frame.duplicated(key) & table.frame["subject"].notna(),
            "one row per participant",
            repeated(
                table,
                "say with `data.where.subjects` or `data.take.subjects` which row is used; rows "
                "may be repeated as long as they say the same, and a covariate may also stay in "
                "the visits file",
            ),
        )


def one_end_of_follow_up(contract: Contract) -> Iterator[Problem]:
    """Follow-up ends once for a subject in a phase, and one file says when and why."""
    for table in contract.table("follow_up", "subject", "phase"):
        yield from faulty_rows(
            table,
            "subject",
            table.frame.duplicated(["subject", "phase"]) & table.frame["subject"].notna(),
            "one row for each participant in a phase",
            repeated(table, "say with `data.take.follow_up` which row is used, such as the last"),
        )
        for other in contract.table("subjects", "reason"):
            yield Problem(
                whole_column(other, "reason"),
                f"the reason why follow-up ended in one file only, here {table.name}",
                f"{other.name} has a column of reasons too",
                "take `follow_up` out of `data.files`, or rename the column in one of the files",
            )


def covariates_constant(contract: Contract) -> Iterator[Problem]:
    """A covariate does not change within a subject, except between intervals of observation."""
    for name in contract.plan.data.file_columns.covariates:
        table = covariate_table(name, contract.tables)
        if table is None or in_intervals(table):
            continue
        values = table.frame[name]
        first = values.groupby(table.frame["subject"]).transform("first")
        changed = values.notna() & (values != first) & table.frame["subject"].notna()
        subjects = table.frame.loc[changed, "subject"].unique()
        yield from faulty_rows(
            table,
            name,
            changed,
            f"one value of `{name}` for each participant",
            "use the value at baseline on every row of the participant",
            found=(f"participant {subject}" for subject in subjects),
        )


def levels_spelt_one_way(contract: Contract) -> Iterator[Problem]:
    """No level of a factor is spelt male here and Male there, which would make two of one."""
    for name in contract.plan.data.file_columns.covariates:
        table = covariate_table(name, contract.tables)
        if table is None:
            continue
        levels = table.frame[name]
        told = {spelt: " ".join(spelt.casefold().split()) for spelt in levels.dropna().unique()}
        if len(set(told.values())) == len(told):
            continue
        folded = levels.map(told)
        usual = levels.groupby(folded).transform(lambda spelt: spelt.value_counts().index[0])
        odd = levels.notna() & (levels != usual)
        yield from faulty_rows(
            table,
            name,
            odd,
            f"each level of `{name}` spelt in one way",
            f"write {listed(usual[odd])} in these rows, too",
        )


def levels_not_cut_short(contract: Contract) -> Iterator[Problem]:
    """No level of a factor is F here and female there."""
    for name in contract.plan.data.file_columns.covariates:
        table = covariate_table(name, contract.tables)
        if table is None:
            continue
        last = table.frame[name].drop_duplicates(keep="last")
        levels = {str(level).casefold(): str(level) for level in last.dropna()}
        pairs = [(s, w) for s, w in CUT_SHORT.items() if s in levels and w in levels]
        for short, word in pairs:
            yield from faulty_rows(
                table,
                name,
                table.frame[name].str.casefold() == short,
                f"each level of `{name}` spelt in one way",
                f"write `{name}: {{column: {table.columns[name]}, recode: "
                f"{{{levels[short]}: {levels[word]}}}}}` under `data.derive.{table.role}`",
            )


def covariates_of_one_type(contract: Contract) -> Iterator[Problem]:
    """A covariate of numbers holds no stray word, which would turn it into a factor."""
    data = contract.plan.data
    for name in data.file_columns.covariates:
        table = covariate_table(name, contract.tables)
        if table is None or name in data.factors:
            continue
        labels = table.frame[name].dropna()
        commas = table.frame[name].str.fullmatch(DECIMAL_COMMA.pattern).eq(other=True)
        if commas.any():
            yield from faulty_rows(
                table,
                name,
                commas,
                f"numbers with a decimal point in `{name}`",
                f"{remedy_of_words(labels, CORRECT.format('the value'))}; "
                f"or list `{name}` under `data.factors`",
            )
            continue
        words = {label for label in labels.unique() if not is_number(label)}
        if len(words) < MOSTLY * labels.nunique():
            yield from faulty_rows(
                table,
                name,
                table.frame[name].isin(words),
                f"numbers only, as in the other rows of `{name}`",
                remedy_of_words(
                    sorted(words), f"correct the values, or list `{name}` under `data.factors`"
                ),
            )


def covariates_without_unit(contract: Contract) -> Iterator[Problem]:
    """A covariate of many numbers with a unit, as `41 years`, would be a factor of many levels."""
    data = contract.plan.data
    for name in data.file_columns.covariates:
        table = covariate_table(name, contract.tables)
        if table is None or name in data.factors:
            continue
        labels = [label for label in table.frame[name].dropna().unique() if not is_number(label)]
        with_unit = [label for label in labels if units_of([label])]
        if len(with_unit) > MOST_LEVELS and len(with_unit) > MOSTLY * len(labels):
            yield from faulty_rows(
                table,
                name,
                table.frame[name].isin(with_unit),
                f"numbers without a unit in `{name}`",
                f"{remedy_of_words(with_unit, '')}; or list `{name}` under `data.factors` if each "
                "is a category",
            )


def weights_above_zero(contract: Contract) -> Iterator[Problem]:
    """A weight is a number above 0."""
    plan = contract.plan
    users = {
        analysis.weight_name: name
        for name, analysis in plan.analyses.items()
        if analysis.weight_name is not None
    }
    for covariate, user in users.items():
        table = covariate_table(covariate, contract.tables)
        if table is None:
            continue
        weights = numbers(table.frame[covariate])
        yield from faulty_rows(
            table,
            covariate,
            table.frame[covariate].notna() & ~(weights > 0),
            f"a weight above 0 for analysis `{user}`",
            "correct the weight, or leave the rows out with `data.where`",
        )
