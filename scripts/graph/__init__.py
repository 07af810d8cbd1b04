"""Vessel graphs: centreline, radius, segments."""
