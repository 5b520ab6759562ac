"""Results of several studies pooled."""
