"""Vessel geometry: SWC, rasterising, centrelines, the vessel graph."""
