"""What the commands of `python -m monai.bundle` have in common."""
