"""Files: one format, one module; atomic writes."""
