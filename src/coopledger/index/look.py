"""A look at the index, as whoever asks is given it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection

Look = Callable[[], AbstractContextManager[Connection]]
"""Gives a consistent look at the index, or fails where there is none."""
