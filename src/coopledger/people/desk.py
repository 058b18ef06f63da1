"""The desk where people are looked up: everything the rest of the service asks of ``people``.

Each method is one transaction, done or not done. Whoever holds a ``People`` can read every e-mail and
sign for every derived account, so only the process that signs opens one.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of, transaction
from coopledger.domain.signed_messages import Message, MessageKind
from coopledger.domain.types import Address, Attestation, ChainId, Email, OrderReference
from coopledger.errors import NotAllowed
from coopledger.people import bulk, positions, requests, store
from coopledger.people.accounts import MakeAccount, account_maker
from coopledger.people.ahead import AccountsAhead, accounts_ahead
from coopledger.people.derivation import FreshAccount, binding_of
from coopledger.people.master import MasterSecret
from coopledger.people.positions import IssuedPosition
from coopledger.people.requests import StoredData
from coopledger.people.schema import MIGRATIONS
from coopledger.people.store import Ledger, Person
from coopledger.people.vault import Vault

#: What the service signs for somebody who asks. Never a consent (Join), never money, never a vote.
SIGNED_FOR_PEOPLE = frozenset(
    {
        MessageKind.GIVE,
        MessageKind.LEAVE,
        MessageKind.REFUND,
        MessageKind.VETO_MOVE,
        MessageKind.ACCEPT_MOVE,
        MessageKind.MOVE_NOW,
    }
)


class OwnWordOnly(NotAllowed):
    """The service was asked to sign what only the person may sign."""

    kind: MessageKind

    says = "a {kind} is the person's own word; the service does not sign it for them"
    advice = "Let the person claim the account and sign, or record a consent that is on paper."


class People:
    """The people's database, opened with the master secret. A context manager.

    Every method raises ``DatabaseUnreachable`` where the database does not answer, and
    ``SealBroken`` or ``SecretVersionMissing`` where a stored field does not open.
    """

    def __init__(self, dsn: Dsn, vault: Vault) -> None:
        """Take a database whose tables are up to date; :meth:`open` sees to that."""
        self._dsn = dsn
        self._vault = vault
        self._engine = engine_of(dsn)
        self._ahead: dict[Ledger, AccountsAhead] = {}

    @classmethod
    def open(cls, dsn: Dsn, secrets: Iterable[MasterSecret]) -> Self:
        """Open a database: bring its tables up to date and check the master secret against it.

        Raises:
            DatabaseUnreachable: the database does not answer.
            WrongMasterSecret: it was written with another master secret.
        """
        people = cls(dsn, Vault(secrets))
        try:
            with people._transaction() as connection:
                MIGRATIONS.upgrade(connection)
            with people._transaction() as connection:
                store.check_master_secret(connection, people._vault)
        except BaseException:
            people.close()
            raise
        return people

    def close(self) -> None:
        """Give the database connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def accounts_ahead(self, chain: ChainId, ledger: Address) -> Iterator[None]:
        """Derive accounts for :meth:`persons_for` in another process while the block runs.

        Changes nothing but the time that takes: for a bulk of new persons, and what is read before.
        """
        where = Ledger(chain, ledger)
        binding = binding_of(chain, store.packed(ledger))
        with accounts_ahead(self._vault.newest.material, binding) as ahead:
            self._ahead[where] = ahead
            try:
                yield
            finally:
                del self._ahead[where]

    def persons_for(
        self,
        emails: Mapping[Email, Iterable[str]],
        chain: ChainId,
        ledger: Address,
        issued: Iterable[IssuedPosition] = (),
    ) -> dict[Email, Address]:
        """Return the account of each address, making persons where there are none.

        Args:
            emails: the names seen with each address; they are added to those seen before.
            chain: the chain's id.
            ledger: the ledger contract that the accounts are for.
            issued: what is issued to them, noted with them (see :meth:`remember_positions`).
        """
        where = Ledger(chain, ledger)
        with self._transaction() as connection:
            accounts = bulk.persons_for(
                connection, self._vault, emails, where, self._account_maker(where)
            )
            positions.remember_positions(connection, self._vault, issued)
        return accounts

    def account_of(self, email: Email, chain: ChainId, ledger: Address) -> Address:
        """Return the account of an address.

        Raises:
            EmailUnknown: nobody is known by it.
        """
        with self._transaction() as connection:
            return store.account_of(connection, self._vault, email, Ledger(chain, ledger))

    def person_of(self, account: Address, chain: ChainId, ledger: Address) -> Person:
        """Return who is behind an account.

        Raises:
            AccountUnknown: it is somebody's own wallet, or its owner was erased.
            AccountAltered: the database names an owner who cannot have it.
        """
        with self._transaction() as connection:
            return store.person_of(connection, self._vault, account, Ledger(chain, ledger))

    def sign_for(
        self, account: Address, chain: ChainId, ledger: Address, message: Message
    ) -> bytes:
        """Return the signature (65 bytes) of a derived account; its key never leaves here.

        Raises:
            OwnWordOnly: the message is a consent, which the service never signs (rule 2).
            AccountUnknown: it is somebody's own wallet, or its owner was erased.
            AccountAltered: the database names an owner who cannot have it.
        """
        if message.kind not in SIGNED_FOR_PEOPLE:
            raise OwnWordOnly(message.kind)
        with self._transaction() as connection:
            signer = store.signer_of(connection, self._vault, account, Ledger(chain, ledger))
        return bytes(signer.sign_typed_data(full_message=message.typed_data()).signature)

    def stored_about(self, email: Email) -> StoredData:
        """Return everything that is stored of a person.

        Raises:
            EmailUnknown: nobody is known by the address.
        """
        with self._transaction() as connection:
            return requests.stored_about(connection, self._vault, email)

    def change_email(self, old: Email, new: Email) -> None:
        """Make a person known by another address; the account stays.

        Raises:
            EmailUnknown: nobody is known by the old address.
            EmailTaken: somebody is known by the new one.
        """
        with self._transaction() as connection:
            requests.change_email(connection, self._vault, old, new)

    def erase(self, email: Email) -> None:
        """Erase a person for ever: e-mail, names, salt, and which account was theirs.

        Raises:
            EmailUnknown: nobody is known by the address.
        """
        with self._transaction() as connection:
            store.erase(connection, self._vault, email)

    def order_reference(self, source: str, order: str, position: str) -> OrderReference:
        """Return the keyed hash that stands on the chain for a sold position."""
        return self._vault.order_reference(source, order, position)

    def attestation_of(self, text: str) -> Attestation:
        """Return the keyed hash of the paper or form that a consent was given on."""
        return self._vault.attestation_of(text)

    def remember_positions(self, rows: Iterable[IssuedPosition]) -> None:
        """Note what was issued for which sold position; noting it again changes nothing."""
        with self._transaction() as connection:
            positions.remember_positions(connection, self._vault, rows)

    def reference_of_secret(self, secret: str) -> OrderReference:
        """Return the reference of the ticket behind a seller's QR code.

        Raises:
            TicketSecretUnknown: none was issued for it.
            TicketSecretAmbiguous: sellers have given it to several.
        """
        with self._transaction() as connection:
            return positions.reference_of_secret(connection, self._vault, secret)

    def reference_of_label(self, label: str) -> OrderReference:
        """Return the reference of the ticket behind ORDER-POSITION.

        Raises:
            PositionUnknown: none was issued for it.
            PositionAmbiguous: two sellers use the same.
        """
        with self._transaction() as connection:
            return positions.reference_of_label(connection, self._vault, label)

    def _account_maker(self, ledger: Ledger) -> MakeAccount:
        make_now = account_maker(self._vault.newest, ledger.chain, ledger.address)
        ahead = self._ahead.get(ledger)
        if ahead is None:
            return make_now

        def take() -> FreshAccount:
            return ahead.next() or make_now()

        return take

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with transaction(self._engine, self._dsn) as connection:
            yield connection
