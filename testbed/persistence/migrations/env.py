"""Alembic's environment: it runs on the connection that `persistence.schema` hands it."""

from alembic import context

from testbed.persistence import account_tables, job_tables
from testbed.persistence.tables import metadata

# Tables of every module, so that a comparison sees them all.
assert account_tables.metadata is job_tables.metadata is metadata  # noqa: S101 -- one description

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
