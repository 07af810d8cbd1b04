"""Transforms of scans, masks and probabilities."""
