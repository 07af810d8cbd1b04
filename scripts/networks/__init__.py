"""Networks of 3D-SLD."""
