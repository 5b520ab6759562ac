"""Missing outcomes of a trial: imputation by a stated assumption, and pooling."""
