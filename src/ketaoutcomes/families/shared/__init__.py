"""Pieces that several families share: designs, rows and words."""
