"""What a command looks at before its work."""
