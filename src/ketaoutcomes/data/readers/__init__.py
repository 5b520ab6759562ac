"""Files of every format, each into a table of text."""
