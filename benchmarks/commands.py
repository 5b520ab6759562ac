"""What whole commands cost: processor time and most memory, beside another state of the package.

    python benchmarks/commands.py [--base DIR] [--aim DIR] [--repeats N] [--only NAME ...] [--write]

`--base` is another checkout; its command and ours then take turns, so that what else the machine
does falls on both. `--aim` is the checkout whose large trial was to become faster; that command is
then timed in it, too. Each checkout runs the plans of its own. Time is that of the processor, user
and system, of one thread and all processes; figures are medians. `--write` puts the whole table
into docs/benchmarks/commands.md.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
PAGE = HERE / "docs" / "benchmarks" / "commands.md"
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
LARGE = 200_000
AIM, AIM_OF_MEMORY = 20 / 51, 2 / 3.4
"""What the large trial was to take, as shares of what it took when the aim was set."""


@dataclass(frozen=True)
class Command:
    """A command that is timed.

    Attributes
    ----------
    name : str
        In the table.
    words : tuple of str
        After the program; {plans} is the folder of plans, {made} that of those made.
    kept : bool
        Whether what an earlier run kept may be used.
    most : int
        The most repeats, fewer for what takes long.
    program : tuple of str
        After `python`.
    """

    name: str
    words: tuple[str, ...]
    kept: bool = False
    most: int = 5
    program: tuple[str, ...] = ("-m", "ketaoutcomes")


@dataclass(frozen=True)
class Cost:
    """Seconds of the processor and most memory in MB."""

    seconds: float
    memory: float


LIBRARIES = (
    *("pandas", "pydantic", "ruamel.yaml", "jinja2", "pyarrow.parquet"),
    *("scipy.special", "scipy.optimize", "scipy.sparse.csgraph", "scipy.stats"),
    *("matplotlib.figure", "matplotlib.backends.backend_svg", "seaborn", "lifelines"),
    *("statsmodels.duration.hazard_regression", "statsmodels.duration.survfunc"),
    "statsmodels.stats.contingency_tables",
)
"""What a run of the example imports from others: below what these take no run can come."""

FLOOR = """\
A run cannot take less than its libraries take to be imported. Pandas, pydantic and matplotlib are
needed by every run with a report. Seaborn draws the heat map of correlations; lifelines and
statsmodels are the second programs. Each of these three imports scipy.stats, which alone takes a
third of a second, most of it to parse its own documentation.

A run of the example was to take 32% of the time that it took when it was first measured (3 of 9.4
seconds, on another machine). It takes 33%, in turns with that state on one machine. A third of what
is left goes to libraries. The rest is spread: no part was found that is done twice or not needed
and takes a twentieth of a second. It has 12 analyses with a simulation from a posterior, a
jackknife and two mixed models. Each of its 11 figures takes about 0.05 s, most of it for
matplotlib's ticks and the widths of their labels. Python makes 300 records of frozen classes as
their modules are imported, 0.4 ms each. Its search for cycles has no part in it: none takes place
in a run of this size. Python without docstrings (`python -OO`) takes 0.15 s and 22 MB less."""

WHERE = """\
Where the time of `run analyses/trd.yaml` goes, once more: seconds of the processor by what is at
work each millisecond. To look takes time, too, and more on a busy machine: the shares are what
counts."""

ONLY_IMPORTS = ("-c", f"import gc; gc.disable(); import {', '.join(LIBRARIES)}")

RUN_TRD = ("run", "{plans}/trd.yaml", "-q")
RUN_SAFETY = ("run", "{plans}/safety.yaml", "-q")
ONLY_TWO = ("--only", "primary", "relapse", "-q")
LARGE_TRIAL = ("run", "{made}/large.yaml", *ONLY_TWO)
LARGE_UNCHECKED = ("run", "{made}/large_unchecked.yaml", *ONLY_TWO)
FIRST_LARGE = Command(
    f"MMRM and relapse, {LARGE:,} participants, for the first time", LARGE_TRIAL, most=1
)
COMMANDS = (
    Command("`--help`", ("--help",)),
    Command("`list`", ("list",)),
    Command("`schema`", ("schema",)),
    Command("`validate analyses/trd.yaml`", ("validate", "{plans}/trd.yaml")),
    Command("`run analyses/trd.yaml`, for the first time", RUN_TRD),
    Command("`run analyses/trd.yaml`, again", RUN_TRD, kept=True),
    Command("its libraries imported, and nothing else", (), kept=True, program=ONLY_IMPORTS),
    Command("the same without second programs", ("run", "{made}/unchecked.yaml", "-q"), kept=True),
    Command("`report` of its folder", ("report", "{made}/shown"), kept=True),
    Command("`diff` of its folder", ("diff", "{made}/shown", "{made}/shown"), kept=True),
    Command("`explain` a number of it", ("explain", "{number}", "{made}/shown"), kept=True),
    Command("`run analyses/safety.yaml`, for the first time", RUN_SAFETY, most=3),
    Command("`run analyses/safety.yaml`, again", RUN_SAFETY, kept=True, most=3),
    FIRST_LARGE,
    Command(f"MMRM and relapse, {LARGE:,} participants, again", LARGE_TRIAL, kept=True, most=1),
    Command(f"{LARGE:,} without second programs, for the first time", LARGE_UNCHECKED, most=1),
    Command(f"{LARGE:,} without second programs, again", LARGE_UNCHECKED, kept=True, most=1),
)


def main() -> None:
    """Time the commands and write the page."""
    parser = argparse.ArgumentParser(description="What whole commands cost.")
    parser.add_argument("--base", type=Path, metavar="DIR", help="another checkout")
    parser.add_argument("--aim", type=Path, metavar="DIR", help="that of which the aim is a share")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="commands whose name has a word")
    parser.add_argument("--write", action="store_true", help="write the page, of all commands")
    asked = parser.parse_args()
    if asked.write and asked.only:
        parser.error("--write needs all commands: leave --only out")
    chosen = [c for c in COMMANDS if not asked.only or any(w in c.name for w in asked.only)]
    lines = list(_lines(chosen, asked.base, asked.repeats))
    aim = list(_against_aim(asked.aim)) if asked.aim is not None else []
    if not asked.write:
        return
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    page = [*_head(asked.base, asked.repeats), *lines, *aim, "", FLOOR, *_where(), *_stages()]
    PAGE.write_text("\n".join([*page, ""]), encoding="utf-8")


def _against_aim(former: Path) -> Iterator[str]:
    """The large trial beside the state of the package that was to become faster."""
    with tempfile.TemporaryDirectory() as made:
        ours, theirs = _taken(FIRST_LARGE, Path(made), former, 1)
    if theirs is None:
        raise SystemExit("the state of the aim does not run the large trial")
    yield ""
    told = (
        f"When the aim was set, the first run of {LARGE:,} participants took {theirs.seconds:.1f} "
        f"seconds and {theirs.memory:.0f} MB on this machine. It was to take {AIM:.0%} of the time "
        f"and {AIM_OF_MEMORY:.0%} of the memory: {AIM * theirs.seconds:.1f} seconds and "
        f"{AIM_OF_MEMORY * theirs.memory:.0f} MB. Taking turns with that state, it now takes "
        f"{ours.seconds:.1f} seconds and {ours.memory:.0f} MB: "
        f"{ours.seconds / theirs.seconds:.0%} and {ours.memory / theirs.memory:.0%}."
    )
    yield from textwrap.wrap(told, 100)
    print(told, flush=True)


def _where() -> Iterator[str]:
    """Where the time of the example goes, in a run that finds what the one before it kept."""
    yield from ("", WHERE, "", "| stage | CPU s |", "|---|---:|")
    with tempfile.TemporaryDirectory() as made:
        words = [str(HERE / "analyses" / "trd.yaml"), str(Path(made) / "report")]
        environment = os.environ | dict.fromkeys(THREADS, "1")
        environment |= {"PYTHONPATH": str(HERE / "src"), "KETAOUTCOMES_CACHE": f"{made}/kept"}
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, str(HERE / "benchmarks" / "where.py"), *words],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
    yield from done.stdout.splitlines()


def _stages() -> Iterator[str]:
    """Where the time of the large trial goes."""
    yield ""
    yield f"Where the time of {LARGE:,} participants goes, without the page:"
    yield ""
    done = subprocess.run(
        [sys.executable, str(HERE / "benchmarks" / "stages.py"), str(LARGE)],
        env=os.environ | {"PYTHONPATH": str(HERE / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    yield from done.stdout.splitlines()


def _head(base: Path | None, repeats: int) -> Iterator[str]:
    """The words above the table."""
    yield "# Whole commands"
    yield ""
    yield (
        f"Processor time (user and system) with one thread and most memory; medians of {repeats}, "
        "of 3 for safety; 200,000 participants are run once. Written by "
        "`python benchmarks/commands.py --write`."
    )
    if base is not None:
        yield "Each is compared with an earlier state of the package; the two take turns."
    yield ""
    former = " before |" if base is not None else ""
    ratio = " share of before |" if base is not None else ""
    yield f"| command |{former} CPU s |{ratio}{former.replace('before', 'MB before')} MB |"
    yield "|---|" + "---:|" * (5 if base is not None else 2)


def _lines(chosen: list[Command], base: Path | None, repeats: int) -> Iterator[str]:
    """A line for each command, printed as soon as it is known."""
    with ExitStack() as stack:
        made = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if any("{made}/shown" in command.words for command in chosen):
            _make_folder(made)
        for command in chosen:
            ours, theirs = _taken(command, made, base, repeats)
            line = _line(command, ours, theirs, compared=base is not None)
            print(line, flush=True)
            yield line


def _make_plans(state: Path, folder: Path) -> None:
    """Plans that are made from that of a state's example."""
    text = (state / "analyses" / "trd.yaml").read_text(encoding="utf-8")
    large = text.replace("seed: 20261124}", f"seed: 20261124, subjects: {LARGE}}}")
    for name, plan in (("unchecked", text), ("large_unchecked", large)):
        (folder / f"{name}.yaml").write_text(f"{plan}\ncheck: none\n", encoding="utf-8")
    (folder / "large.yaml").write_text(large, encoding="utf-8")


def _make_folder(made: Path) -> None:
    """The folder of a run, which commands read back."""
    words = ["run", str(HERE / "analyses" / "trd.yaml"), "-q", "--out", str(made / "shown")]
    subprocess.run(
        [sys.executable, "-m", "ketaoutcomes", *words],
        env=os.environ | {"PYTHONPATH": str(HERE / "src")},
        cwd=made,
        check=True,
    )


def _number(made: Path) -> str:
    """The id of the first number in that folder."""
    results = made / "shown" / "results.csv"
    if not results.exists():
        return ""
    return results.read_text(encoding="utf-8").splitlines()[1].split(",")[0]


def _taken(
    command: Command, made: Path, base: Path | None, repeats: int
) -> tuple[Cost, Cost | None]:
    """The medians of our state and of the other, which take turns.

    An earlier state that does not know a command or a key of its plan has none.
    """
    states = [HERE] if base is None else [base.resolve(), HERE]
    costs: dict[Path, list[Cost]] = {state: [] for state in states}
    for turn in range(min(repeats, command.most) + command.kept):
        for state in states:
            cost = _once(command, state, made)
            if cost is not None and (turn or not command.kept):  # the first keeps, others find
                costs[state].append(cost)
    if not costs[HERE]:
        raise SystemExit(f"`{command.name}` failed")
    theirs = None if base is None else costs[states[0]]
    return _median(costs[HERE]), _median(theirs) if theirs else None


def _once(command: Command, state: Path, made: Path) -> Cost | None:
    """One run of a command; None where it failed."""
    _make_plans(state, made)
    plans = {"plans": str(state / "analyses"), "made": str(made), "number": _number(made)}
    words = [word.format(**plans) for word in command.words]
    if words[:1] == ["run"]:
        words += ["--out", str(made / "report")]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    environment |= {
        "PYTHONPATH": str(state / "src"),
        "KETAOUTCOMES_CACHE": str(made / "kept") if command.kept else "off",
    }
    process = subprocess.Popen(
        [sys.executable, *command.program, *words],
        env=environment,
        cwd=made,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )


def _line(command: Command, ours: Cost, theirs: Cost | None, *, compared: bool) -> str:
    if theirs is None and compared:
        return f"| {command.name} | - | {ours.seconds:.2f} | - | - | {ours.memory:.0f} |"
    if theirs is None:
        return f"| {command.name} | {ours.seconds:.2f} | {ours.memory:.0f} |"
    return (
        f"| {command.name} | {theirs.seconds:.2f} | {ours.seconds:.2f} "
        f"| {ours.seconds / theirs.seconds:.0%} | {theirs.memory:.0f} | {ours.memory:.0f} |"
    )


if __name__ == "__main__":
    main()
