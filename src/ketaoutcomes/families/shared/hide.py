"""Records that hold nothing of single subjects."""

from ketaoutcomes.families.fitted import ModelRecord


def as_it_is(record: ModelRecord, *_asked: object) -> ModelRecord:
    """The record itself: estimates of a model, or means of all in an arm drawn anew, of nobody."""
    return record
