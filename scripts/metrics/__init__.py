"""Scores of masks, and tables of them."""
