"""What measures the project: time, memory, scans that differ."""
