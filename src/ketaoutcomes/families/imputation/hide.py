"""How the counts of imputed subjects add up with others."""

from ketaoutcomes.privacy.counts import Cells


def nothing_imputed_of_the_complete(cells: Cells) -> None:
    """Nothing is imputed of those seen at every visit."""
    counts = list(cells.of_field("estimate"))
    complete = [
        (row, cell)
        for row, cell, _ in counts
        if row.statistic == "pattern" and row.group.rpartition(": ")[2] == "complete"
    ]
    for row, cell, _ in counts:
        if row.table == "impt03" and row.group.endswith(": nothing missing"):
            for pattern, other in complete:
                if (pattern.phase, pattern.arm) == (row.phase, row.arm):
                    cells.book.apart(cell, other)
