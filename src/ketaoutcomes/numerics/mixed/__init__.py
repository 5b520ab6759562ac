"""Mixed models with one grouping factor: linear, logistic and Poisson."""
