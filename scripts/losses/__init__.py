"""Losses of 3D-SLD, one file each."""
