"""Alembic's environment: it runs on the connection that `persistence.schema` hands it."""

from alembic import context

# Their tables join the metadata of `tables` when they are imported, so that a comparison sees them.
from testbed.persistence import account_tables, job_tables  # noqa: F401
from testbed.persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
