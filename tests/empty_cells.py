"""Small trials by formula, so that R reads the same numbers, with a cell that is empty or full."""

import numpy as np
import pandas as pd

VISITS = ("Week 2", "Week 4", "Week 6")


def changes(n: int = 24) -> pd.DataFrame:
    """Change of two arms at three visits; placebo has no score at Week 4, some others are missing.

    Nothing is drawn at random: sines and cosines spread the values.
    """
    i = np.arange(n)
    drug = i % 2 == 1
    baseline = np.round(28 + 4 * np.sin(1.7 * i), 1)
    own = 3 * np.cos(2.3 * i)
    rows = [
        {
            "subject": f"S{s:02d}",
            "arm": "drug" if drug[s] else "placebo",
            "visit": visit,
            "baseline": baseline[s],
            "change": round(
                -4 - 2 * t - (3 + t) * drug[s] + own[s] + 3 * np.sin(5.1 * s + 7.3 * t), 1
            ),
        }
        for s in range(n)
        for t, visit in enumerate(VISITS)
        if not (visit == "Week 4" and not drug[s]) and not (visit == "Week 6" and s % 7 == 3)
    ]
    return pd.DataFrame(rows)


def responses(n: int = 40) -> pd.DataFrame:
    """Success of two arms at two visits; no participant in placebo has it at Week 2."""
    i = np.arange(n)
    drug = i % 2 == 1
    baseline = np.round(28 + 4 * np.sin(1.7 * i), 1)
    own = 3 * np.cos(2.3 * i)
    rows = []
    for s in range(n):
        for t, visit in enumerate(VISITS[:2]):
            eta = -0.6 + own[s] + 0.8 * t + 1.5 * drug[s] + 2 * np.sin(9.7 * s + 4.1 * t)
            success = eta > 0 and not (t == 0 and not drug[s])
            rows.append(
                {
                    "subject": f"S{s:02d}",
                    "arm": "drug" if drug[s] else "placebo",
                    "visit": visit,
                    "baseline": baseline[s],
                    "outcome": float(success),
                }
            )
    return pd.DataFrame(rows)
