"""Segmentation metrics that MONAI lacks."""
