"""Figures of speed, against plain code in the same run: `make benchmark`."""
