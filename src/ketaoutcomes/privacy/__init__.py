"""Results lose the cells that could betray a person, before anything is composed or written."""
