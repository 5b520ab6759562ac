"""The whole way from files to a cohort."""

from pathlib import Path

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.load.assemble import assemble_cohort
from ketaoutcomes.load.contract import Contract, contract_problems
from ketaoutcomes.load.mapping import MappedTable, map_table
from ketaoutcomes.load.readers import read_table
from ketaoutcomes.load.windows import in_windows
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole


def load_cohort(plan: AnalysisPlan, folder: Path) -> Cohort:
    """Load the files that a plan names as a cohort.

    Parameters
    ----------
    plan : AnalysisPlan
        A plan whose `data:` block names files.
    folder : Path
        Where the files are.

    Returns
    -------
    Cohort
        The same, byte for byte, whatever the format and the row order of the files.

    Raises
    ------
    DataError
        If the data do not keep the contract; `problems` has every fault that could be found.
    """
    tables, unreadable, notes = _read_and_map(plan, folder)
    contract = Contract(plan, tables, complete=not unreadable)
    problems = (*unreadable, *contract_problems(contract))
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise DataError(f"the data of plan `{plan.study.id}` have {count}", problems)
    return assemble_cohort(plan, tables, notes)


def _read_and_map(
    plan: AnalysisPlan, folder: Path
) -> tuple[dict[FileRole, MappedTable], tuple[Problem, ...], tuple[str, ...]]:
    """The files that could be read, what is wrong with the others, and what a report must say."""
    tables: dict[FileRole, MappedTable] = {}
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    for role, source in (plan.data.files or {}).items():
        try:
            raw = read_table(folder, source, plan.data)
        except DataError as error:
            problems += error.problems
        else:
            tables[role], told = in_windows(map_table(raw, role, plan), plan)
            notes += told
    return tables, problems, notes
