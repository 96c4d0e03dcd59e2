"""Screens: components from state to controls, and nothing else."""
