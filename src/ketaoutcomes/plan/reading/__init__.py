"""An analysis plan file becomes an AnalysisPlan, or one error that names every fault."""
