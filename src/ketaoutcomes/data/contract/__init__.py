"""The contract that data keep before they are analysed, rule by rule."""
