"""The trainers of the three stages."""
