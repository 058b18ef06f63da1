"""When a schema's tables count as up to date."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.database.migrating import Migrations
from coopledger.people import schema as people
from coopledger.verdicts import schema as verdicts


@pytest.mark.parametrize("migrations", [people.MIGRATIONS, verdicts.MIGRATIONS])
def test_the_newest_revision_is_alembic_s_head(migrations: Migrations) -> None:
    """The revision that the files' names say is the one that Alembic would migrate to."""
    config = Config()
    config.set_main_option("script_location", migrations.location)
    assert migrations.newest() == ScriptDirectory.from_config(config).get_current_head()


def test_tables_of_an_older_revision_are_brought_up_to_date(dsn: Dsn) -> None:
    """Only where the newest revision is noted is nothing done."""
    engine = engine_of(dsn)
    with engine.begin() as connection:
        people.MIGRATIONS.upgrade(connection)
        connection.execute(text("DELETE FROM people.alembic_version"))
        connection.execute(text("DROP TABLE people.position, people.person_name, people.account"))
        connection.execute(text("DROP TABLE people.person, people.master_secret"))
        people.MIGRATIONS.upgrade(connection)
        assert connection.scalar(text("SELECT count(*) FROM people.person")) == 0
        assert connection.scalar(text("SELECT version_num FROM people.alembic_version"))
    engine.dispose()
