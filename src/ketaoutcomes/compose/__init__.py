"""Results become the report: sections of words, tables and figures."""
