"""Both languages say everything, and say times as people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from zoneinfo import ZoneInfo

from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import WIB, to_timestamp
from coopledger.pictures.language import Language, Words, day_of, time_of, words_of

EVENING = to_timestamp(datetime(2026, 12, 5, 19, 5, tzinfo=WIB))


def test_every_language_says_everything() -> None:
    """No text is empty in either language, and every standing and cause has one."""
    for language in Language:
        words = words_of(language)
        for each in fields(Words):
            value = getattr(words, each.name)
            texts = value.values() if isinstance(value, Mapping) else value
            assert all(texts), each.name
        assert set(words.standings) == set(Standing)
        assert set(words.causes) == set(Cause)
        assert (len(words.weekdays), len(words.months)) == (7, 12)


def test_the_languages_differ() -> None:
    """Most texts are translated: few words are the same in both."""
    one, other = (words_of(language) for language in Language)
    same = {
        each.name for each in fields(Words) if getattr(one, each.name) == getattr(other, each.name)
    }
    assert same == {"film", "number"}


def test_times_name_their_zone() -> None:
    """A day and a time of day are said as people say them, in the zone that is asked for."""
    indonesian, english = words_of(Language.ID), words_of(Language.EN)
    assert day_of(EVENING, indonesian, WIB) == "Sabtu, 5 Desember 2026"
    assert time_of(EVENING, indonesian, WIB) == "19.05 WIB"
    assert day_of(EVENING, english, WIB) == "Saturday, 5 December 2026"
    assert time_of(EVENING, english, WIB) == "19:05 WIB"
    assert time_of(EVENING, indonesian, ZoneInfo("Asia/Makassar")) == "20.05 WITA"
    assert day_of(EVENING, english, ZoneInfo("Asia/Jayapura"), weekday=False) == "5 December 2026"
