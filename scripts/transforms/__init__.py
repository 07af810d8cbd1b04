"""Transforms of scans, views and reference masks."""
