"""Jobs: sweeps over what is due, run by one process at a time; each can run twice or late."""
