"""Persons, names and accounts in a real database: kept, found, hidden, raced for, erased."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection

from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.domain.addresses import email_of
from coopledger.domain.signed_messages import SigningDomain, leave_message
from coopledger.domain.types import ChainId, Email, MemberNumber, Timestamp
from coopledger.people import adding, bulk, positions, requests
from coopledger.people.accounts import account_maker
from coopledger.people.adding import SomebodyIsAdding
from coopledger.people.desk import People
from coopledger.people.master import MasterSecret, SecretVersion
from coopledger.people.positions import IssuedPosition
from coopledger.people.store import (
    AccountAltered,
    AccountUnknown,
    EmailUnknown,
    Ledger,
    WrongMasterSecret,
)
from coopledger.people.vault import SealBroken, SecretVersionMissing, Vault

SITI, ALI = Email("siti@example.org"), Email("ali@example.org")
LEAVING = (MemberNumber(1), Timestamp(1))
COUNT = SQL("SELECT count(*) FROM people.{}")
SECOND = MasterSecret(SecretVersion(2), bytes(range(100, 132)))


@pytest.fixture
def raw(people: People, dsn: Dsn) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection to the same tables, as somebody has who got into the database."""
    with psycopg.connect(dsn.text, autocommit=True) as connection:
        yield connection


def test_a_person_is_found_by_e_mail_and_by_account(people: People, ledger: Ledger) -> None:
    """Who bought comes back by either, and the signer signs for exactly that account."""
    where = (ledger.chain, ledger.address)
    accounts = people.persons_for({SITI: ["Siti Aminah"], ALI: []}, *where)
    assert accounts[SITI] != accounts[ALI]
    assert people.account_of(SITI, *where) == accounts[SITI]
    person = people.person_of(accounts[SITI], *where)
    assert (person.email, person.names, person.account) == (SITI, ("Siti Aminah",), accounts[SITI])
    message = leave_message(SigningDomain(*where), *LEAVING)
    signature = people.sign_for(accounts[SITI], *where, message)
    signable = encode_typed_data(full_message=message.typed_data())
    assert Account.recover_message(signable, signature=signature) == accounts[SITI]


def test_nobody_to_find_an_account_for_is_nobody(people: People, ledger: Ledger) -> None:
    """An import of positions without any address asks for nobody, and gets nobody."""
    assert people.persons_for({}, ledger.chain, ledger.address) == {}


def test_nobody_is_a_failure_of_its_own(people: People, ledger: Ledger) -> None:
    """An unknown address, and an account that is somebody's own wallet, raise."""
    where = (ledger.chain, ledger.address)
    assert people.persons_for({}, *where) == {}
    with pytest.raises(EmailUnknown) as unknown:
        people.account_of(SITI, *where)
    assert unknown.value.email == SITI
    with pytest.raises(AccountUnknown):
        people.person_of(ledger.address, *where)
    with pytest.raises(EmailUnknown):
        people.erase(SITI)


def test_spellings_of_an_address_share_one_account(people: People, ledger: Ledger) -> None:
    """Case variants of an address, in one import or two, are one person."""
    where = (ledger.chain, ledger.address)
    first = people.persons_for({email_of("Siti@Example.ORG"): []}, *where)
    second = people.persons_for({email_of("SITI@example.org"): []}, *where)
    assert first == second


def test_an_account_is_of_one_ledger(people: People, ledger: Ledger) -> None:
    """The same person has another account on another chain, and both lead back."""
    here = people.persons_for({SITI: []}, ledger.chain, ledger.address)[SITI]
    there = people.persons_for({SITI: []}, ChainId(1), ledger.address)[SITI]
    assert here != there
    assert people.person_of(there, ChainId(1), ledger.address).email == SITI
    with pytest.raises(AccountUnknown):
        people.person_of(here, ChainId(1), ledger.address)


def test_every_distinct_name_is_kept_once(people: People, ledger: Ledger) -> None:
    """Names on a shared address gather, the oldest first; spacing makes no other name."""
    where = (ledger.chain, ledger.address)
    account = people.persons_for({SITI: ["Siti", " Siti ", ""]}, *where)[SITI]
    people.persons_for({SITI: ["Budi  Santoso", "Siti"]}, *where)
    people.persons_for({SITI: ["Budi Santoso", "Ani"]}, *where)
    assert people.person_of(account, *where).names == ("Siti", "Budi Santoso", "Ani")


def test_nothing_readable_is_stored(
    people: People,
    ledger: Ledger,
    raw: "psycopg.Connection[tuple[object, ...]]",
    server_folder: Path,
) -> None:
    """Neither e-mail nor name stands in any file of the server, where other data does stand."""
    email, name = "purnamasari.hidden@example.org", "Purnamasari Tersembunyi"
    people.persons_for({email_of(email): [name]}, ledger.chain, ledger.address)
    raw.execute("CREATE TABLE control AS SELECT 'this can be found' AS text")
    stored = [path.read_bytes() for path in server_folder.rglob("*") if path.is_file()]
    assert any(b"this can be found" in content for content in stored)
    for word in (b"purnamasari", b"Purnamasari", b"Tersembunyi"):
        assert not any(word in content for content in stored)


def test_a_name_says_nothing_across_persons(
    people: People, ledger: Ledger, raw: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """Two persons of the same name cannot be told to have it from the tables."""
    people.persons_for({SITI: ["Budi"], ALI: ["Budi"]}, ledger.chain, ledger.address)
    rows = raw.execute("SELECT name_index, name FROM people.person_name").fetchall()
    assert len(rows) == 2
    assert len({value for row in rows for value in row}) == 4


@pytest.mark.parametrize("column", ["email", "salt"])
def test_swapped_fields_are_refused(
    people: People, ledger: Ledger, raw: "psycopg.Connection[tuple[object, ...]]", column: str
) -> None:
    """Putting one person's encrypted field into another's row is noticed."""
    where = (ledger.chain, ledger.address)
    accounts = people.persons_for({SITI: [], ALI: []}, *where)
    swap = "UPDATE people.person p SET {0} = o.{0} FROM people.person o WHERE o.id <> p.id"
    raw.execute(SQL(swap).format(Identifier(column)))
    with pytest.raises(SealBroken) as caught:
        people.person_of(accounts[SITI], *where)
    assert caught.value.field == f"person.{column}"


def test_swapped_accounts_are_refused(
    people: People, ledger: Ledger, raw: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """An account that is noted as somebody else's is not believed."""
    where = (ledger.chain, ledger.address)
    accounts = people.persons_for({SITI: [], ALI: []}, *where)
    raw.execute(
        "UPDATE people.account a SET address = a.address || 'x'::bytea;"
        "UPDATE people.account a SET address = substr(o.address, 1, 20)"
        " FROM people.account o WHERE o.person_id <> a.person_id"
    )
    with pytest.raises(AccountAltered):
        people.person_of(accounts[SITI], *where)
    with pytest.raises(AccountAltered):
        people.sign_for(accounts[ALI], *where, leave_message(SigningDomain(*where), *LEAVING))
    assert people.persons_for({SITI: [], ALI: []}, *where) == accounts


def test_a_person_cannot_be_put_under_another_secret(
    dsn: Dsn, secret: MasterSecret, ledger: Ledger
) -> None:
    """A changed version of the secret would give a second account; it is noticed instead."""
    where = (ledger.chain, ledger.address)
    with People.open(dsn, [secret, SECOND]) as people:
        people.persons_for({SITI: []}, *where)
        with psycopg.connect(dsn.text) as raw:
            raw.execute("UPDATE people.person SET secret_version = 1")
        with pytest.raises(SealBroken):
            people.account_of(SITI, *where)


def test_a_newer_secret_changes_nobodys_account(
    dsn: Dsn, secret: MasterSecret, ledger: Ledger
) -> None:
    """After a rotation old persons keep their account and new ones need the new version."""
    where = (ledger.chain, ledger.address)
    with People.open(dsn, [secret]) as people:
        before = people.persons_for({SITI: []}, *where)
    with People.open(dsn, [secret, SECOND]) as people:
        assert people.persons_for({SITI: [], ALI: []}, *where)[SITI] == before[SITI]
    with People.open(dsn, [secret]) as people:
        assert people.account_of(SITI, *where) == before[SITI]
        with pytest.raises(SecretVersionMissing):
            people.account_of(ALI, *where)


def test_another_master_secret_is_refused(people: People, dsn: Dsn) -> None:
    """A database opens only with the secret it was written with, the first version included."""
    with pytest.raises(WrongMasterSecret):
        People.open(dsn, [MasterSecret(SecretVersion(1), SECOND.material)])
    with pytest.raises(WrongMasterSecret):
        People.open(dsn, [SECOND])


def test_an_erased_person_is_gone(
    people: People, ledger: Ledger, raw: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """Nothing is left that leads to them, others stay, and coming back makes a new account."""
    where = (ledger.chain, ledger.address)
    accounts = people.persons_for({SITI: ["Siti"], ALI: ["Ali"]}, *where)
    people.erase(SITI)
    with pytest.raises(AccountUnknown):
        people.person_of(accounts[SITI], *where)
    with pytest.raises(AccountUnknown):
        people.sign_for(accounts[SITI], *where, leave_message(SigningDomain(*where), *LEAVING))
    with pytest.raises(EmailUnknown):
        people.account_of(SITI, *where)
    left = raw.execute(
        "SELECT salt, email, email_index FROM people.person WHERE erased_at IS NOT NULL"
    ).fetchall()
    assert left == [(None, None, None)]
    for table in ("person_name", "account"):
        assert raw.execute(COUNT.format(Identifier(table))).fetchone() == (1,)
    assert people.person_of(accounts[ALI], *where).names == ("Ali",)
    back = people.persons_for({SITI: []}, *where)[SITI]
    assert back != accounts[SITI]
    assert people.person_of(back, *where).names == ()


def _wait_until_blocked(connection: Connection) -> None:
    """Return once another session waits for a lock that this one holds."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    deadline = time.monotonic() + 30
    while connection.exec_driver_sql(query).scalar_one() == 0:
        assert time.monotonic() < deadline, "nobody came to wait"
        time.sleep(0.01)


def test_whoever_comes_second_gets_the_first_ones_accounts(
    people: People, dsn: Dsn, secret: MasterSecret, ledger: Ledger
) -> None:
    """Two imports of the same new addresses meet; the second waits and derives the same."""
    emails: dict[Email, list[str]] = {email_of(f"p{n}@example.org"): ["P"] for n in range(50)}
    engine = engine_of(dsn)
    with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
        make = account_maker(secret, ledger.chain, ledger.address)
        first = bulk.persons_for(connection, Vault([secret]), emails, ledger, make)
        reverse = dict(reversed(emails.items()))
        waiting = pool.submit(people.persons_for, reverse, ledger.chain, ledger.address)
        _wait_until_blocked(connection)
        assert not waiting.done()
        connection.commit()
        assert waiting.result(30) == first
    engine.dispose()


def test_an_import_waits_for_a_change_to_an_address_of_its_own(
    people: People, dsn: Dsn, secret: MasterSecret, ledger: Ledger
) -> None:
    """Somebody's address becomes one that an import brings: the import finds them under it."""
    where = (ledger.chain, ledger.address)
    account = people.persons_for({SITI: []}, *where)[SITI]
    engine = engine_of(dsn)
    with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
        requests.change_email(connection, Vault([secret]), SITI, ALI)
        waiting = pool.submit(people.persons_for, {ALI: []}, *where)
        _wait_until_blocked(connection)
        connection.commit()
        assert waiting.result(30) == {ALI: account}
    engine.dispose()


def test_two_clerks_note_the_same_position_at_once(
    people: People, dsn: Dsn, secret: MasterSecret
) -> None:
    """The second waits for the first, and what only one of them knew is kept."""
    reference = people.order_reference("pretix", "ABCDE", "1")
    engine = engine_of(dsn)
    with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
        first = IssuedPosition(reference, "ABCDE-1", "s3cret")
        positions.remember_positions(connection, Vault([secret]), [first])
        second = [IssuedPosition(reference, "ABCDE-1")]
        waiting = pool.submit(people.remember_positions, second)
        _wait_until_blocked(connection)
        connection.commit()
        waiting.result(30)
    engine.dispose()
    assert people.reference_of_secret("s3cret") == reference


def test_nobody_waits_for_ever_for_an_import_that_stands_still(
    people: People,
    dsn: Dsn,
    secret: MasterSecret,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A counter sale is told that somebody else is adding people, and can be made afterwards."""
    monkeypatch.setattr(adding, "_PATIENCE", "100ms")
    where = (ledger.chain, ledger.address)
    engine = engine_of(dsn)
    with engine.begin() as standing_still:
        make = account_maker(secret, *where)
        bulk.persons_for(standing_still, Vault([secret]), {SITI: []}, ledger, make)
        with pytest.raises(SomebodyIsAdding, match="100ms"):
            people.persons_for({ALI: []}, *where)
    engine.dispose()
    assert len(people.persons_for({SITI: [], ALI: []}, *where)) == 2


def test_nobody_is_given_an_account_while_they_are_erased(
    people: People, dsn: Dsn, secret: MasterSecret, ledger: Ledger
) -> None:
    """An erasure waits for an import of the person that is under way, and then wins."""
    people.persons_for({SITI: []}, ledger.chain, ledger.address)
    engine = engine_of(dsn)
    with ThreadPoolExecutor(1) as pool, engine.begin() as connection:
        make = account_maker(secret, ledger.chain, ledger.address)
        account = bulk.persons_for(connection, Vault([secret]), {SITI: []}, ledger, make)[SITI]
        waiting = pool.submit(people.erase, SITI)
        _wait_until_blocked(connection)
        connection.commit()
        waiting.result(30)
    engine.dispose()
    with pytest.raises(AccountUnknown):
        people.person_of(account, ledger.chain, ledger.address)


CLERK = """
import sys
from coopledger.domain.addresses import email_of
from coopledger.domain.types import ChainId
from coopledger.people.desk import People
from coopledger.database.dsn import Dsn
from coopledger.people.master import MasterSecret, SecretVersion
dsn, ledger = sys.stdin.readline().strip(), sys.stdin.readline().strip()
with People.open(Dsn(dsn), [MasterSecret(SecretVersion(1), bytes(range(32)))]) as people:
    emails = {email_of(f"p{n}@example.org"): [f"Name {n}"] for n in range(1000)}
    for email, account in people.persons_for(emails, ChainId(1), ledger).items():
        print(email, account)
"""


def test_two_processes_at_once_on_an_empty_database(dsn: Dsn, ledger: Ledger) -> None:
    """Both make the tables and the same thousand persons at once, and both say the same."""
    clerks = [
        subprocess.Popen(
            [sys.executable, "-c", CLERK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for clerk in clerks:
        assert clerk.stdin is not None
        clerk.stdin.write(f"{dsn.text}\n{ledger.address}\n")
        clerk.stdin.flush()
    said = [clerk.communicate(timeout=120)[0] for clerk in clerks]
    assert [clerk.returncode for clerk in clerks] == [0, 0]
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 1000
    with psycopg.connect(dsn.text) as raw:
        for table in ("person", "person_name", "account"):
            assert raw.execute(COUNT.format(Identifier(table))).fetchone() == (1000,)
