"""What one training iteration draws."""
