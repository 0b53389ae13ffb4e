"""Scenewise: what is normal depends on where the camera hangs."""

__version__ = "0.1.0"
