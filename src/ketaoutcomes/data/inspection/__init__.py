"""Look at unknown files, say what they seem to hold, and propose a plan for them."""
