"""Alembic's environment: it runs on the connection that `persistence.schema` hands it."""

from alembic import context

# Their tables join the metadata of `tables` when they are imported, so that a comparison sees them.
from testbed.persistence import (  # noqa: F401
    account_tables,
    approval_tables,
    feed_tables,
    job_tables,
    notice_tables,
    paper_tables,
    rules_tables,
    series_tables,
    together_tables,
    visit_tables,
    waitlist_tables,
)
from testbed.persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
