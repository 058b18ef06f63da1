"""How a story is played: each action on the rules and on the chain, and compared after every step.

Each example begins where the opening ended, by a snapshot of the chain and a copy of the world; the tally
alone goes on, to tell afterwards whether every kind of action came to pass.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.wire.transactions import Call
from coopledger.domain.types import Timestamp
from tests.machine.cast import CAST, STAFF, VIEWERS
from tests.machine.questions import Asker, differences
from tests.machine.rules.refusing import Broken, Refused
from tests.machine.rules.world import Account, Ticket, World
from tests.machine.stage import Stage
from tests.machine.story import Story, StoryDiffers
from tests.machine.telling import fact

viewers = st.sampled_from(VIEWERS)
anybody = st.sampled_from(CAST)
picks = st.integers(0, 99)
careful = st.sampled_from((True, True, True, True, False))
"""Mostly somebody does what they may; sometimes not."""
papers = st.sampled_from((b"the sixteen byte", bytes(range(16))))
roles_of = {role.name: name for role, name in STAFF.items()}

STEP_S = 12
FULL_LOOK_EVERY = 25

Something = TypeVar("Something")


@dataclass
class Tally:
    """What was done in all examples together."""

    steps: int = 0
    examples: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """How often an action was refused, by the refusal's name."""
    done: Counter[str] = field(default_factory=Counter)
    """How often an action was done, by its name."""
    differs: bool = False
    """Whether chain and rules differed; from then on Hypothesis shortens the story."""


@dataclass
class Opening:
    """Where every example begins."""

    stage: Stage
    world: World
    story: Story
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Letter:
    """Something that was signed, which anybody can send, once or again."""

    action: str
    sentence: str
    call: Call
    rule: Callable[[], None]


class Player:
    """Does what is asked on both sides, and compares."""

    def __init__(self, opening: Opening) -> None:
        self.stage, self.tally = opening.stage, opening.tally
        self.world, self.story = deepcopy(opening.world), opening.story.copy()
        self.asker = Asker(self.stage, self.world)
        self.mined_at = self.world.now
        self.steps = 0
        self.told = False

    def act(
        self,
        action: str,
        sentence: str,
        who: Account,
        call: Call,
        rule: Callable[[], None],
    ) -> bool:
        """Let somebody do something; return whether it was allowed.

        Args:
            action: its name, for the tally.
            sentence: what the story says of it.
            who: sends it.
            call: what is sent.
            rule: applies it to the world, or raises ``Refused``.
        """
        world = self.world
        world.now += STEP_S
        counts = len(world.tickets), len(world.records)
        try:
            rule()
        except Refused as refused:
            self._is_refused(who, sentence, call, refused)
            self.step()
            return False
        try:
            self.stage.send(who, call, world.now)
        except ContractRefusal as refusal:
            self.story.tell(world.now, sentence, "?")
            self.differ(
                [f"the chain refuses it ({_said(self.stage, refusal)}), the rules allow it"]
            )
        self.mined_at = world.now
        self.story.tell(world.now, sentence, self._news(*counts))
        self.tally.done[action] += 1
        self.compare()
        self.step()
        return True

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.world.now += seconds
        self.stage.dev.set_time(Timestamp(self.world.now))
        self.mined_at = self.world.now
        self.story.tell(self.world.now, "time passes", "done")
        self.compare()
        self.step()

    def step(self) -> None:
        """Count a step, and look at everything now and then."""
        self.steps += 1
        self.tally.steps += 1
        if self.steps % FULL_LOOK_EVERY == 0:
            self.look_at_everything()

    def compare(self) -> None:
        """Compare what every step may have changed."""
        self.differ(differences(self.stage, self.asker.after_a_step(self.mined_at)))

    def look_at_everything(self) -> None:
        """Compare all that there is, and the past at some moments of the story."""
        moments = sorted({event.time for event in self.world.events})
        chosen = random.Random(self.steps).sample(moments, min(3, len(moments)))
        times = {t + d for t in chosen for d in (-1, 0) if t + d < self.mined_at}
        asked = self.asker.everything(self.mined_at, sorted(times))
        self.differ(differences(self.stage, asked))

    def differ(self, found: Sequence[str]) -> None:
        """Tell the story if anything differs."""
        if found:
            self.told = True
            difference = StoryDiffers(self.story, list(found))
            if not self.tally.differs:
                self.tally.differs = True
                print(f"{difference}\n\nLooking for a shorter story.", file=sys.stderr, flush=True)
            raise difference

    def _is_refused(self, who: Account, sentence: str, call: Call, expected: Refused) -> None:
        moment = self.world.now
        try:
            self.stage.ask_for(who, call, moment)
        except ContractRefusal as refusal:
            said = _said(self.stage, refusal)
            self.story.tell(moment, sentence, f"refused, {said}")
            if not any(_is_same(self.stage, refusal, broken) for broken in expected.broken):
                self.differ([f"the chain refuses it by {said}, the rules by {expected}"])
            self.tally.refused[refusal.name] += 1
        else:
            self.story.tell(moment, sentence, "?")
            self.differ([f"the chain allows it, the rules refuse it by {expected}"])

    def _news(self, tickets: int, records: int) -> str:
        new = [f"ticket {n}" for n in range(tickets + 1, len(self.world.tickets) + 1)]
        new += [f"member {n}" for n in range(records + 1, len(self.world.records) + 1)]
        return "done" + (f" ({', '.join(new)})" if new else "")


class Playing(RuleBasedStateMachine):
    """A machine whose rules are played on an opening."""

    opening: ClassVar[Opening]

    def __init__(self) -> None:
        super().__init__()
        self.snapshot = self.opening.stage.dev.snapshot()
        self.player = Player(self.opening)
        self.letters: list[Letter] = []
        self.opening.tally.examples += 1

    @property
    def world(self) -> World:
        """The world as the rules have it."""
        return self.player.world

    @property
    def stage(self) -> Stage:
        """The contracts."""
        return self.opening.stage

    def teardown(self) -> None:
        """Look at everything once more, and bring the chain back."""
        try:
            if not self.player.told:
                self.player.look_at_everything()
        finally:
            self.stage.dev.revert(self.snapshot)

    def be_patient(self, moment: int, patient: bool) -> None:
        """Wait, if somebody is patient, so that the next action happens at a moment."""
        seconds = moment - STEP_S - self.world.now
        if patient and seconds > 0:
            self.player.wait(seconds)

    def send_letter(self, letter: Letter) -> None:
        """Let Hadi send what somebody signed, and keep it."""
        self.letters.append(letter)
        self.player.act(letter.action, letter.sentence, "Hadi", letter.call, letter.rule)

    def office(self, pick: int) -> Account:
        """Return a box office."""
        return self.world.offices[pick % len(self.world.offices)]

    def office_of(self, screening: int, pick: int, care: bool) -> Account:
        """Return the box office of a screening, or any."""
        if care and screening in self.world.screenings:
            return self.world.screenings[screening].office
        return self.office(pick)

    def by_role(self, role: str, care: bool, other: Account) -> Account:
        """Return who holds a role, or somebody else."""
        return roles_of[role] if care else other

    def a_ticket(self, pick: int, care: bool, good: Callable[[Ticket], bool]) -> int:
        """Return a ticket that is good for something if there is one, or any, or none that exists."""
        tickets = self.world.tickets
        chosen = [n for n, ticket in tickets.items() if good(ticket)] if care else []
        return one_of(chosen or [*tickets, len(tickets) + 1], pick)

    def a_member(self, pick: int, care: bool) -> int:
        """Return an open record if there is one, or any, or none that exists."""
        records = self.world.records
        chosen = [n for n, r in records.items() if r.left_at is None] if care else []
        return one_of(chosen or [*records, len(records) + 1], pick)


def one_of(choices: Sequence[Something], pick: int) -> Something:
    """Return one of some things; a small pick means the newest."""
    return choices[-1 - pick % len(choices)]


def _said(stage: Stage, refusal: ContractRefusal) -> str:
    facts = ", ".join(f"{k} {fact(stage, v)}" for k, v in refusal.arguments.items())
    return f"{refusal.name}({facts})"


def _is_same(stage: Stage, refusal: ContractRefusal, broken: Broken) -> bool:
    arguments = refusal.arguments
    return refusal.name == broken.name and all(
        stage.by_name(arguments[fact]) == value for fact, value in broken.facts.items()
    )
