"""The arms of a participant in the periods of a crossover, where the data lack some of them."""

import pandas as pd


def completed_sequences(assigned: pd.DataFrame) -> pd.DataFrame:
    """The arms by period, those included that follow from the other periods.

    A participant who left early, or whose scores of a period are missing, has no arm there. Where
    all participants with the same arms in the other periods had one and the same sequence, the
    missing arms are those of this sequence.

    Parameters
    ----------
    assigned : pandas.DataFrame
        One row per participant, one column per period in the order of time, each with the name of
        the arm, or missing.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; what does not follow stays missing.
    """
    whole = assigned.dropna().drop_duplicates()
    filled = assigned.copy()
    for _, pattern in assigned[assigned.isna().any(axis=1)].drop_duplicates().iterrows():
        known = pattern.dropna()
        alike = whole[(whole[known.index] == known).all(axis=1)]
        if len(alike) == 1:
            same = (assigned[known.index] == known).all(axis=1)
            same &= assigned[pattern.index[pattern.isna()]].isna().all(axis=1)
            filled.loc[same] = alike.to_numpy()
    return filled
