"""Data lists, datasets and simulators."""
