"""Alembic's environment: it runs on the connection that `persistence.schema` hands it."""

from alembic import context

from testbed.persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
