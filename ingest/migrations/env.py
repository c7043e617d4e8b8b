"""Runs migrations on the connection that `ingest.schema` hands over, inside its transaction."""

from alembic import context

from ingest.tables import METADATA


def run() -> None:
    """Run what was asked for, in one transaction also where the driver does not say that it can."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which alembic runs this file
    run()
