"""Pages and API of the booking service."""
