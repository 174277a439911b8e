"""Booking of autonomous-driving demonstration routes and facilities in Gyeonggi Province."""

__version__ = "0.1.0"
