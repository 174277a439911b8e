"""The database: engine, tables, the guard over occupancy, and rows to values and back."""
