"""A design is tried on many synthetic trials whose truth is known."""
