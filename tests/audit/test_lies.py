"""A node that lies about one thing is found out, and what it lied about is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.audit.lasting import BlockDoesNotLast
from coopledger.chain.contracts.contract import LogUnreadable, events_of, functions_of
from coopledger.chain.contracts.event_log import decode_logs
from coopledger.chain.contracts.lens import LensContract
from coopledger.chain.wire.rpc import AnswerUnreadable, NodeRefused
from coopledger.domain.events import BylawsSet, Joined, Left, Moved, StandingSet
from coopledger.domain.register import genesis_head, next_head
from coopledger.domain.types import MemberNumber, TicketId
from coopledger.domain.words import bits
from tests.middleman import Refuse

if TYPE_CHECKING:
    from tests.audit.conftest import Liar
    from tests.middleman import Told
    from tests.services.conftest import Office

RECORD = MemberNumber(40)
WORD = 64


def answers(contract: str, view: str, alter: Callable[[list[Any], str], str]) -> Told:
    """Make a node alter the answers of one view: ``alter`` gets the arguments' words and the answer."""
    selector = "0x" + functions_of(contract)[view].selector.hex()

    def told(method: str, params: list[Any], result: Any) -> Any:
        if method != "eth_call" or not params[0]["data"].startswith(selector):
            return result
        words = params[0]["data"][10:]
        given = [int(words[i : i + WORD], 16) for i in range(0, len(words), WORD)]
        return alter(given, result)

    return told


def logs(alter: Callable[[list[Any]], list[Any]]) -> Told:
    """Make a node alter what it gives as logs."""

    def told(method: str, _params: list[Any], result: Any) -> Any:
        return alter(result) if method == "eth_getLogs" else result

    return told


def is_about(log: Any, event: str, number: int) -> bool:
    """Say whether a log is a register event of a record."""
    topics = log["topics"]
    topic = "0x" + events_of("TicketLedger")[event].topic.hex()
    return topics[0] == topic and int(topics[1], 16) == number


def joined(log: Any, number: int = RECORD) -> bool:
    """Say whether a log says that a record was opened."""
    return is_about(log, "Joined", number)


def with_word(data: str, index: int, value: int) -> str:
    """Return data with another word at a place."""
    start = 2 + index * WORD
    return data[:start] + f"{value:064x}" + data[start + WORD :]


def cut_off(answer: str, size: int) -> str:
    """Return so many bytes of an answer; where negative, all but so many."""
    return answer[: 2 + 2 * size] if size >= 0 else answer[: 2 * size]


def is_register(log: Any) -> bool:
    """Say whether a log is a register event."""
    names = ("Joined", "Left", "StandingSet", "Moved", "BylawsSet")
    return log["topics"][0] in {"0x" + events_of("TicketLedger")[n].topic.hex() for n in names}


def head_of(log: Any) -> str:
    """Return the head that a register event tells: its last word."""
    return str(log["data"][-WORD:])


@pytest.mark.parametrize(
    ("start", "length", "field"),
    [
        (0, 160, "account"),
        (160, 40, "joined"),
        (200, 40, "left"),
        (240, 8, "standing"),
        (248, 4, "consent"),
        (252, 4, "cause"),
    ],
)
def test_a_word_of_a_page(liar: Liar, start: int, length: int, field: str) -> None:
    """A record that the node shows otherwise than it is, in any field, is named with both values."""
    words = []

    def alter(given: list[int], answer: str) -> str:
        index = 2 + RECORD - given[0]
        word = int(answer[2 + index * WORD :][:WORD], 16)
        changed = word ^ 1 << start
        words.append((bits(word, start, length), bits(changed, start, length)))
        return with_word(answer, index, changed)

    liar.tell(answers("TicketLedger", "members", alter))
    (found,) = liar.audit().findings
    assert found.what == f"record {RECORD}, {field}"
    assert found.expected != found.found
    assert len(words) == 1


@pytest.mark.parametrize(
    ("contract", "view"), [("TicketLedger", "members"), ("TicketLedger", "ticket")]
)
@pytest.mark.parametrize("answer", ["0x", "0x1f"])
def test_an_answer_that_cannot_be_read(liar: Liar, contract: str, view: str, answer: str) -> None:
    """An answer that is cut short is named with its view, as the node's fault."""
    liar.tell(answers(contract, view, lambda _given, _answer: answer))
    with pytest.raises(AnswerUnreadable, match=rf"{view}\(\)"):
        liar.audit()


@pytest.mark.parametrize("cut", [0, 3, 32, 64, -1, -32])
def test_a_list_of_words_that_is_cut_short(liar: Liar, eventful: Office, cut: int) -> None:
    """A page of tickets that is not whole is named with its view; a whole one is read as by the ABI."""
    lens = LensContract(liar.ledger.chain, eventful.coop.lens)
    whole = lens.ticket_words(TicketId(1), 7)
    assert whole == list(lens.ask("tickets", 1, 7))
    liar.tell(answers("TicketLens", "tickets", lambda _, answer: cut_off(answer, cut)))
    with pytest.raises(AnswerUnreadable, match=r"tickets\(\)"):
        lens.ticket_words(TicketId(1), 7)


def test_a_dropped_log(liar: Liar) -> None:
    """An event that the node withholds leaves a gap that is named: its place, its record."""
    liar.tell(logs(lambda told: [log for log in told if not joined(log)]))
    findings = list(liar.audit().findings)
    (broken, *_) = [each for each in findings if each.rule == "hash chain"]
    assert f"opens record {RECORD + 1}, not {RECORD}" in broken.found
    following = liar.ledger.member(MemberNumber(RECORD + 1))
    assert broken.block is not None
    assert liar.ledger.chain.block(broken.block).timestamp == following.joined_at
    assert broken.transaction is not None
    named = [each.what for each in findings]
    assert f"record {RECORD}" in named
    assert "the number of register events" in named


def test_the_last_log_dropped(liar: Liar) -> None:
    """Withholding the newest event is named, too, though none follows on it."""
    last = {"topic": ""}

    def alter(told: list[Any]) -> list[Any]:
        heads = [log for log in told if is_register(log)]
        if heads and head_of(heads[-1]) == liar.ledger.register_head().hex():
            last["topic"] = heads[-1]["topics"][0]
            return [log for log in told if log is not heads[-1]]
        return told

    liar.tell(logs(alter))
    found = [each.what for each in liar.audit().findings]
    assert last["topic"]
    assert found[:2] == ["the number of register events", "the register head"]


@pytest.mark.parametrize("index", range(8))
def test_altered_data(liar: Liar, index: int) -> None:
    """A change to any word of an event is named with the event's place."""

    def alter(told: list[Any]) -> list[Any]:
        for log in told:
            if joined(log):
                old = int(log["data"][2 + index * WORD :][:WORD], 16)
                # Attestations stand at the word's left end; what is right of them is no value.
                changed = old ^ (1 << 200 if index == 5 else 1 << 4 if index == 1 else 1)
                log["data"] = with_word(log["data"], index, changed)
        return told

    liar.tell(logs(alter))
    findings = list(liar.audit().findings)
    assert findings
    if index == 1:
        assert findings[0].rule == "logs"  # a consent that there is not cannot be read
        return
    (broken, *_) = [each for each in findings if each.rule == "hash chain"]
    assert broken.transaction is not None
    record = liar.ledger.member(RECORD)
    assert broken.block is not None
    assert liar.ledger.chain.block(broken.block).timestamp == record.joined_at


@pytest.mark.parametrize("whole", [True, False])
def test_swapped_logs(liar: Liar, whole: bool) -> None:
    """Two events in each other's place are named, also where only what they say is swapped."""

    def alter(told: list[Any]) -> list[Any]:
        places = [i for i, log in enumerate(told) if joined(log) or joined(log, RECORD + 1)]
        if len(places) == 2:
            one, other = (told[i] for i in places)
            if whole:
                told[places[0]], told[places[1]] = other, one
            else:
                for part in ("topics", "data"):
                    one[part], other[part] = other[part], one[part]
        return told

    liar.tell(logs(alter))
    findings = list(liar.audit().findings)
    assert any(each.rule == "logs" for each in findings) is whole
    (broken, *_) = [each for each in findings if each.rule == "hash chain"]
    assert f"opens record {RECORD + 1}, not {RECORD}" in broken.found


def test_a_history_that_is_false_throughout(liar: Liar) -> None:
    """Where a node alters one event and every head behind it, the ledger's own head does not fit."""
    ledger = liar.ledger
    state = {"head": genesis_head(ledger.chain.chain_id, ledger.address)}

    def alter(told: list[Any]) -> list[Any]:
        for log in filter(is_register, told):
            if joined(log):
                log["data"] = with_word(log["data"], 3, 1_700_000_000)  # another day of consent
            (event,) = decode_logs([log])
            assert isinstance(event, Joined | Left | StandingSet | Moved | BylawsSet)
            state["head"] = next_head(state["head"], event.register_event())
            log["data"] = log["data"][:-WORD] + state["head"].hex()
        return told

    liar.tell(logs(alter))
    (found,) = liar.audit().findings
    assert found.what == "the register head"
    assert found.expected == "0x" + state["head"].hex()
    assert found.found == "0x" + ledger.register_head().hex()


@pytest.mark.parametrize(
    ("view", "what"),
    [
        ("registerHead", "the register head"),
        ("eventCount", "the number of register events"),
        ("memberCount", "the number of records"),
        ("activeCount", "the number of open records"),
        ("bylawsHash", "by-laws 1"),
    ],
)
def test_a_false_count_or_head(liar: Liar, view: str, what: str) -> None:
    """A count or a head that the node tells otherwise is named."""
    liar.tell(answers("TicketLedger", view, lambda _, answer: with_word(answer, 0, 251)))
    assert what in [each.what for each in liar.audit().findings]


@pytest.mark.parametrize(
    ("bit", "said"),
    [
        (0, "ticket 60, holder"),
        (208, "ticket 60, record"),
        (248, "ticket 60, redeemed"),
        (249, "ticket 60, void"),
    ],
)
def test_a_false_ticket(liar: Liar, bit: int, said: str) -> None:
    """A ticket that the node shows otherwise than its events is named with the field."""

    def alter(given: list[int], answer: str) -> str:
        word = int(answer, 16)
        return with_word(answer, 0, word ^ 1 << bit) if given[0] == 60 else answer

    liar.tell(answers("TicketLedger", "ticket", alter))
    assert said in [each.what for each in liar.audit().findings]


@pytest.mark.parametrize(
    "event", ["Transfer", "Redeemed", "Voided", "Purchased", "Sold", "Refunded"]
)
def test_no_kind_of_event_can_be_withheld(liar: Liar, event: str) -> None:
    """Whichever kind of event a node leaves out once, something does not add up."""
    contract = "BoxOffice" if event in {"Purchased", "Sold", "Refunded"} else "TicketLedger"
    topic = "0x" + events_of(contract)[event].topic.hex()
    dropped: list[Any] = []

    def alter(told: list[Any]) -> list[Any]:
        for log in told:
            if log["topics"][0] == topic and not dropped:
                dropped.append(log)
                return [each for each in told if each is not log]
        return told

    liar.tell(logs(alter))
    assert liar.audit().findings.count > 0
    assert dropped


@pytest.mark.parametrize(
    ("word", "change", "said"),
    [
        (1, lambda _: 5, "sold ≤ capacity"),
        (2, lambda sold: sold - 1, "tickets that are not void are those sold"),
    ],
)
def test_a_false_sale(liar: Liar, word: int, change: Callable[[int], int], said: str) -> None:
    """More sold than there are places, or another number than there are tickets, is named."""

    def alter(given: list[int], answer: str) -> str:
        value = int(answer[2 + word * WORD :][:WORD], 16)
        return with_word(answer, word, change(value)) if given[0] == 3 else answer

    liar.tell(answers("BoxOffice", "sale", alter))
    (found,) = liar.audit().findings
    assert (found.rule, found.what) == (said, "screening 3")


def test_money_that_is_not_there(liar: Liar) -> None:
    """A box office that has less than it owes is named, also where it says that it owes less."""
    liar.tell(answers("LocalRupiah", "balanceOf", lambda _, answer: with_word(answer, 0, 0)))
    (found,) = liar.audit().findings
    assert found.rule == "money held ≥ refundable + deposits"
    liar.tell(answers("BoxOffice", "held", lambda *_: "0x" + "0" * 3 * WORD))
    rules = {each.rule for each in liar.audit().findings}
    assert rules == {"money held ≥ refundable + deposits", "money by view and by events"}


def test_two_tickets_of_one_seat(liar: Liar) -> None:
    """Two tickets that are not void and of one seat are named."""

    def alter(_: list[int], answer: str) -> str:
        word = int(answer, 16)
        # The tickets of screening 1, which has free seating, all get seat 9.
        return with_word(answer, 0, word | 9 << 192) if bits(word, 160, 32) == 1 else answer

    liar.tell(answers("TicketLedger", "ticket", alter))
    found = liar.audit().findings
    assert {(each.rule, each.what) for each in found} == {
        ("a seat has one ticket", "seat 9 of screening 1")
    }


def test_logs_that_nobody_asked_for(liar: Liar) -> None:
    """What cannot be read, or is another contract's, is named and does not stop the audit."""

    def alter(told: list[Any]) -> list[Any]:
        if not any(joined(log) for log in told):
            return told
        return [*told, {"oh": "no"}, {**told[0], "address": "0x" + "11" * 20}]

    liar.tell(logs(alter))
    verdict = liar.audit()
    assert [each.rule for each in verdict.findings] == ["logs", "logs"]
    assert verdict.events == liar.ledger.event_count()
    liar.tell(logs(lambda told: [{**log, "data": "0x12"} for log in told]))
    with pytest.raises(LogUnreadable, match="RoleGranted"):
        liar.audit()


@pytest.mark.parametrize(
    "message",
    [
        "missing trie node 12ab (path ) state 0x12 is not available",
        "header not found",
        "required historical state unavailable (reexec=128)",
        "state at block #12 is pruned",
    ],
)
def test_a_block_that_is_dropped_midway(liar: Liar, eventful: Office, message: str) -> None:
    """Where the node drops the pinned block's state, the audit pins the newest one and starts anew."""
    times = {"asked": 0}
    first = hex(eventful.chain.head())

    def told(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_call" and params[1] == first:
            times["asked"] += 1
            if times["asked"] == 50:
                eventful.dev.mine(3)
            if times["asked"] >= 50:
                raise Refuse(message)
        return result

    liar.tell(told)
    verdict = liar.audit()
    assert list(verdict.findings) == []
    assert verdict.pins == 2
    assert verdict.moment.read.number == eventful.chain.head()


def test_a_node_that_keeps_no_block(liar: Liar) -> None:
    """Where every block is dropped, the audit gives up and says so; other refusals stay what they are."""

    def told(method: str, _params: list[Any], result: Any) -> Any:
        if method == "eth_call":
            raise Refuse("missing trie node")
        return result

    liar.tell(told)
    with pytest.raises(BlockDoesNotLast) as failure:
        liar.audit()
    assert failure.value.times == 5

    def refused(method: str, _params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            raise Refuse("too many requests")
        return result

    liar.told.clear()
    liar.tell(refused)
    with pytest.raises(NodeRefused, match="too many requests"):
        liar.audit()


def test_a_reorganisation_midway(liar: Liar) -> None:
    """Where the pinned block is another one by the end, the audit starts anew."""
    pinned: list[str] = []

    def told(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            pinned.append(result["hash"])
            if len(pinned) == 1:
                return {**result, "hash": "0x" + "77" * 32}
        return result

    liar.tell(told)
    verdict = liar.audit()
    assert verdict.findings.count == 0
    assert verdict.pins == 2
