"""What may identify a person: the classes of 45 CFR 164.514(b)(2)(i), by column name and value."""
