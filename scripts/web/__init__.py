"""A page that segments in the browser."""
