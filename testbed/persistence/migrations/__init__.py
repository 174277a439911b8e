"""Schema versions, run by Alembic through `persistence.schema`."""
