"""The connection to PostgreSQL: address, engine, copying in, migrating."""
