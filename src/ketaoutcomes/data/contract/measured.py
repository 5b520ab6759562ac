"""Rules about laboratory and ECG values; those of tests that the plan does not name are free."""

from collections.abc import Iterator

from ketaoutcomes.data.contract.parts import Contract, faulty_rows
from ketaoutcomes.data.findings import listed, near_miss, remedy_of_words
from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.data.measured import INDICATORS, of_the_plan
from ketaoutcomes.data.values.indicators import NO, YES, folded
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan.files import MEASURED

LIMITS = ("range_low", "range_high")


def tests_asked_for(contract: Contract) -> Iterator[Problem]:
    """A file of tests goes with tests that the plan names."""
    safety = contract.plan.safety
    if safety is not None and safety.laboratory:
        return
    for role in MEASURED:
        if role in (contract.plan.data.files or {}):
            yield Problem(
                f"the plan, data.files.{role}",
                "tests to show, under `safety.laboratory`",
                "none",
                'add for example `laboratory: {ALT: {label: "Alanine aminotransferase"}}` under '
                "`safety`, or leave the file out",
            )


def test_named(contract: Contract) -> Iterator[Problem]:
    """Every row says what was measured."""
    for table in _tables(contract, "test"):
        yield from faulty_rows(
            table,
            "test",
            table.frame["test"].isna(),
            "a test in every row",
            f"fill it in, or leave the row out with `data.where.{table.role}`",
        )


def results_are_numbers(contract: Contract) -> Iterator[Problem]:
    """A value of a test of the plan is a number; so are the limits of its range."""
    for field in ("result", *LIMITS):
        for table in _tables(contract, "test", field):
            text = table.frame[field]
            wrong = of_the_plan(table, contract.plan) & text.notna() & numbers(text).isna()
            yield from faulty_rows(
                table,
                field,
                wrong,
                "a number",
                remedy_of_words(
                    text[wrong],
                    "correct it; a value such as <5 needs a number, made with `data.derive`",
                ),
            )


def ranges_have_a_middle(contract: Contract) -> Iterator[Problem]:
    """The lower limit of a range is below the upper one."""
    for table in _tables(contract, "test", *LIMITS):
        low, high = (numbers(table.frame[field]) for field in LIMITS)
        wrong = of_the_plan(table, contract.plan) & (low >= high)
        found = (f"{a:g} to {b:g}" for a, b in zip(low[wrong], high[wrong], strict=True))
        yield from faulty_rows(
            table,
            "range_low",
            wrong,
            "a lower limit below the upper limit",
            "correct the limits, or name the right columns",
            found=found,
        )


def classes_known(contract: Contract) -> Iterator[Problem]:
    """An indicator is a word for low, normal or high, and a mark of baseline for yes or no."""
    for field, known, told in (
        ("indicator", tuple(INDICATORS), ("low", "normal", "high")),
        ("baseline_indicator", tuple(INDICATORS), ("low", "normal", "high")),
        ("baseline_flag", (*sorted(YES), *sorted(NO)), ("Y", "N")),
    ):
        for table in _tables(contract, "test", field):
            words = folded(table.frame[field])
            strange = of_the_plan(table, contract.plan) & ~words.isin({*known, ""})
            first = next(iter(table.frame.loc[strange.to_numpy(), field]), "")
            flag = field == "baseline_flag"
            mapped = "" if flag else "Map the word under `data.labels.indicator`"
            yield from faulty_rows(
                table,
                field,
                strange,
                f"one of: {listed(told)}",
                f"{near_miss(first, known)}{mapped}" or "write Y at the baseline value",
            )


def one_unit_a_test(contract: Contract) -> Iterator[Problem]:
    """All values of a test are in one unit, that of the plan where it gives one."""
    safety = contract.plan.safety
    for table in _tables(contract, "test", "unit"):
        for test, how in (safety.laboratory if safety is not None else {}).items():
            units = table.frame["unit"].where(table.frame["test"] == test)
            counts = units.value_counts()
            most = sorted(units[units.map(counts) == counts.max()].dropna())
            expected = how.unit or next(iter(most), "")
            why = "as `safety.laboratory` says" if how.unit else "as in most rows"
            yield from faulty_rows(
                table,
                "unit",
                units.notna() & (units != expected),
                f"values of `{test}` in `{expected}`, {why}",
                "convert the values with `data.derive`, or leave the rows out with "
                f"`data.where.{table.role}`",
            )


def one_baseline_a_test(contract: Contract) -> Iterator[Problem]:
    """One value of a test is marked as baseline, and one class told for it."""
    key = ["subject", "phase", "test"]
    for table in _tables(contract, *key, "baseline_flag"):
        marked = folded(table.frame["baseline_flag"]).isin(YES) & of_the_plan(table, contract.plan)
        marked &= table.frame["result"].notna()
        again = table.frame[marked].duplicated(key).reindex(table.frame.index, fill_value=False)
        yield from faulty_rows(
            table,
            "baseline_flag",
            again,
            "one baseline value of a test per participant and phase",
            f"mark one of them, or keep it with `data.take.{table.role}`",
        )
    for table in _tables(contract, *key, "baseline_indicator"):
        told = folded(table.frame["baseline_indicator"]).map(INDICATORS)
        known = of_the_plan(table, contract.plan) & told.notna()
        classes = told[known].groupby([table.frame.loc[known, k] for k in key])
        several = (classes.transform("nunique") > 1).reindex(table.frame.index, fill_value=False)
        yield from faulty_rows(
            table,
            "baseline_indicator",
            several,
            "one class of the baseline value of a test per participant and phase",
            "correct the rows, or take the column out of the plan",
        )


def _tables(contract: Contract, *fields: str) -> Iterator[MappedTable]:
    for role in MEASURED:
        yield from contract.table(role, *fields)
