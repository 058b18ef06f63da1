"""The contracts against the rules, in stories that Hypothesis makes up.

A machine whose actions are all refused would find nothing, so what came to pass is counted, and each kind
of action has to have come to pass. The seeds are fixed, so it is the same every time; ``scripts/soak``
takes others.
"""

from collections.abc import Iterator

import pytest

from tests.machine.opening import open_story
from tests.machine.playing import Opening
from tests.machine.running import play
from tests.machine.stage import Stage, new_stage

STEPS = 2_000
RUNS, EXAMPLES_A_RUN, STEPS_AN_EXAMPLE = 16, 6, 60

#: What has to come to pass at least once.
KINDS_OF_ACTION = frozenset(
    {
        "accept a contested move",
        "accept a move",
        "accept by signature",
        "add a film",
        "announce",
        "appoint a second box office",
        "approve",
        "approve for all",
        "buy",
        "buy and join",
        "buy with a permit",
        "call off a closing",
        "cancel a move",
        "cancel a screening",
        "change roles",
        "close as annulled",
        "close as deceased",
        "close as expelled",
        "contest a move",
        "enrol",
        "give",
        "give by signature",
        "join",
        "join by signature",
        "leave",
        "leave by signature",
        "make associate",
        "make full",
        "move at once",
        "pay an heir",
        "postpone",
        "propose a move",
        "push a refund of a cancelled screening",
        "record a returned deposit",
        "record by-laws",
        "redeem",
        "refund",
        "refund by signature",
        "retire the first box office",
        "return a deposit",
        "schedule a change of roles",
        "schedule a closing",
        "sell",
        "transfer",
        "transfer by somebody trusted",
        "unredeem",
        "veto a move",
        "veto by signature",
        "void",
        "withdraw nothing",
        "withdraw takings",
    }
)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A cooperative on a node of its own."""
    with new_stage() as deployed:
        yield deployed


@pytest.fixture(scope="module")
def opening(stage: Stage) -> Opening:
    """Where each story begins."""
    return open_story(stage)


def test_contracts_do_what_the_rules_say(opening: Opening) -> None:
    """Whatever happens, and in whatever order, the contracts and the rules agree on what comes of it."""
    for run in range(RUNS):
        play(opening, run, EXAMPLES_A_RUN, STEPS_AN_EXAMPLE)
    assert opening.tally.steps >= STEPS
    assert KINDS_OF_ACTION - opening.tally.done.keys() == set()
