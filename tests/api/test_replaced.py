"""What the API shows of a box office that was replaced while it served."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from tests.api.conftest import settings_of
from tests.services.founding.test_replacing import own, replaced

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = ["own"]


def test_the_old_screenings_stay_in_sight(own: Office, serve: Callable[..., TestClient]) -> None:
    """After a replacement the addresses are the new ones, and screenings are still asked of the old."""
    client = serve(settings_of(own))
    before = client.get("/api/v1/screenings").json()["screenings"]
    old = own.coop.box_office.address
    assert {each["box_office"] for each in before} == {old}
    new = replaced(own).coop.box_office.address
    addresses = client.get("/api/v1/cooperative").json()["addresses"]
    assert (addresses["box_office"], addresses["former_box_offices"]) == (new, [old])
    after = client.get("/api/v1/screenings").json()["screenings"]
    assert [each["left"] for each in after] == [each["left"] for each in before]
    assert {each["box_office"] for each in after} == {old}
    assert client.get("/api/v1/screenings/4").json()["screening"] == after[3]
    seats = client.get("/api/v1/screenings/4/seats").json()["seats"]
    assert len(seats) == after[3]["capacity"]
    assert client.get("/api/v1/films").json()["films"] == []
