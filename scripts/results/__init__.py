"""Everything that inference leaves on disk."""
