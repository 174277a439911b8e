"""The capacity simulation: a SimPy clock around the allocator of the booking service."""
