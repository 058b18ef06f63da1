"""The API keeps its word: whatever is asked, it answers as its OpenAPI description says.

The questions are made from the description, good and bad ones, and the same on every run. The description
is there before any chain is, so the chain is put behind it by a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as how_often
from pydantic import SecretStr
from schemathesis.specs.openapi.checks import positive_data_acceptance

from coopledger.api.app import create_app
from coopledger.api.source import Source
from coopledger.settings import Settings
from tests.api.conftest import settings_of
from tests.index.conftest import index_maker

if TYPE_CHECKING:
    from coopledger.database.dsn import Dsn
    from tests.services.conftest import Office

APP = create_app(Settings.model_construct())
UNSAID = ("/members", "/accounts/{account}/member")
DESCRIPTION = schemathesis.openapi.from_asgi(APP.openapi_url or "", APP)


@pytest.fixture(scope="module")
def behind(founded_and_sold: tuple[Office, object], database: Dsn) -> Iterator[None]:
    """Put the busy box office's chain and its index behind the API."""
    office, index = founded_and_sold[0], index_maker(database)()
    index.follow(office)
    source = Source(settings_of(office, database_dsn=SecretStr(index.dsn.text)))
    APP.state.answers.source = source
    yield
    source.close()


@DESCRIPTION.parametrize()
@how_often(
    max_examples=100,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(behind: None, case: schemathesis.Case[Any]) -> None:
    """Whatever is asked, no answer is a 5xx, and none is undocumented in any of its parts."""
    # A day of the calendar and a checksum are more than a description can say.
    unsaid = "/register" in case.path or case.path.endswith(UNSAID)
    case.call_and_validate(excluded_checks=[positive_data_acceptance] if unsaid else [])
