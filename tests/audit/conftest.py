"""A sold-out chain to audit: the fixtures of the services."""

from tests.services.conftest import (
    busy,
    database,
    founded,
    founded_and_sold,
    office,
    open_office,
    shared_people,
    state_folder,
)

__all__ = [
    "busy",
    "database",
    "founded",
    "founded_and_sold",
    "office",
    "open_office",
    "shared_people",
    "state_folder",
]
