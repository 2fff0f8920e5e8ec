"""Alembic's entry: runs the migrations on the connection the program hands over."""

from alembic import context

from temu_assets.toci.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(dialect_name=context.config.get_main_option("dialect"), target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
