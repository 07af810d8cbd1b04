"""Scans made from nothing: arterial trees, heads, scanners."""
