"""Alembic's entry: runs the migrations on the connection that ``database.migrating`` hands over."""

from alembic import context

from coopledger.people.schema import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
)
context.run_migrations()
