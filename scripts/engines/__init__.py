"""Trainers, evaluators, and the guard of adaptation."""
