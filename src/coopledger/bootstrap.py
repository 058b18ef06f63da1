"""The only place that wires things together: settings to chain, key, contracts and database.

Everything is made when it is first asked for, so a command that only reads the chain needs neither a key
nor a database. What only few commands ask for is imported then, too, so that a sale does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coopledger.chain.contracts.deployments import Cooperative, open_cooperative
from coopledger.chain.development import development_signer, is_local
from coopledger.chain.sending.keys import NoKeyConfigured, load_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain, connect
from coopledger.chain.wire.rpc import NodeUnreachable
from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of, transaction
from coopledger.domain.types import Address, BlockNumber
from coopledger.local.chain import detached
from coopledger.local.database.server import EmbeddedServer, ServerNotRunning, dsn_of
from coopledger.people.desk import People
from coopledger.people.master import (
    MasterSecret,
    MasterSecretMissing,
    master_secrets_from_environment,
    master_secrets_from_file,
    master_secrets_of_trial,
)
from coopledger.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from coopledger.audit.run import Verdict
    from coopledger.index.asking.reading import IndexStatus
    from coopledger.index.comparing.differing import Anew
    from coopledger.index.following.sync import Progress
    from coopledger.index.following.worker import Worker
    from coopledger.pictures.language import House
    from coopledger.verdicts.store import Attempt, Of

DEPLOYER_INDEX = 9
"""The one that deploys there. It holds no role afterwards."""
ADMIN_INDEX, GUARDIAN_INDEX = 8, 7

AskPassword = Callable[[Path], str]
"""Asks the person for the password of a keystore."""


class Application:
    """What the commands work with. A context manager: it closes what it opened."""

    def __init__(self, settings: Settings, ask_password: AskPassword | None = None) -> None:
        self.settings = settings
        self._ask_password = ask_password
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.close()

    @cached_property
    def chain(self) -> Chain:
        """The chain that the settings name, else the local one that ``coopledger up`` started.

        Raises:
            NodeUnreachable, WrongChain: see ``chain.wire.client.connect``.
            NoChainHere: no node is named, and none was started in this folder.
        """
        settings = self.settings
        chain_id, patience_s = settings.chain_id, settings.request_timeout_s
        if "rpc_url" in settings.model_fields_set:
            chain = connect(settings.rpc_url, chain_id, patience_s)
        else:
            url = settings.rpc_url
            with suppress(detached.NoNodeRuns):
                url = detached.find(settings.state_folder).url
            try:
                chain = connect(url, chain_id, patience_s)
            except NodeUnreachable as away:
                folder = settings.state_folder.absolute()
                raise detached.NoChainHere(away.node, away.reason, folder) from None
        self._resources.callback(chain.close)
        return chain

    @cached_property
    def cooperative(self) -> Cooperative:
        """The deployed contracts.

        Raises:
            NotDeployed, DeploymentUnfinished, ForeignCode: see ``open_cooperative``.
        """
        return open_cooperative(self.chain, self.settings.deployments_folder)

    @property
    def house(self) -> House:
        """What pictures call the cooperative, and the zone of the times on them."""
        from coopledger.pictures.language import House

        return House(self.settings.cooperative_name, self.settings.timezone)

    @cached_property
    def cooperative_of_any_version(self) -> Cooperative:
        """The deployed contracts, also where the box office is of another version than this.

        Raises:
            NotDeployed, DeploymentUnfinished, ForeignCode: see ``open_cooperative``.
        """
        folder = self.settings.deployments_folder
        return open_cooperative(self.chain, folder, any_box_office=True)

    @cached_property
    def operator(self) -> Signer:
        """The operator's key; on a local chain without one, a development key.

        Raises:
            NoKeyConfigured, WrongPassword, ...: see ``chain.sending.keys.load_signer``.
        """
        return self._signer()

    @cached_property
    def sender(self) -> Sender:
        """Sends the operator's transactions."""
        return Sender(self.chain, self.operator, self.settings)

    @cached_property
    def deployer(self) -> Signer:
        """The key that deploys: the operator's, on a local chain a development key of its own.

        Raises:
            NoKeyConfigured, WrongPassword, ...: see ``chain.sending.keys.load_signer``.
        """
        if is_local(self.chain):
            return development_signer(self.chain, DEPLOYER_INDEX)
        return self._signer()

    def development_account(self, index: int) -> Address:
        """Return the account of a development key, on a local chain alone.

        Raises:
            DevelopmentKeyRefused: the chain is not local.
        """
        return development_signer(self.chain, index).address

    @cached_property
    def people(self) -> People:
        """Who is behind an account: the database, opened with the master secret.

        Raises:
            DatabaseUnreachable, ServerDidNotStart: there is no database.
            MasterSecretMissing, MasterSecretExposed, WrongMasterSecret: it cannot be read.
        """
        return self._resources.enter_context(People.open(self.database, self._master_secrets()))

    @cached_property
    def database(self) -> Dsn:
        """Where the database is: the one of the settings, else the embedded one, which is started.

        Raises:
            ServerDidNotStart: the embedded server does not start.
        """
        return self._dsn()

    def worker(self, stop: Event, say: Callable[[str], None]) -> Worker:
        """Return what follows the chain into the index until ``stop`` is set, and audits it."""
        from coopledger.index.following.worker import Worker
        from coopledger.services.auditing.on_schedule import AuditSchedule

        made = Worker(self.cooperative, self.database, self.settings, stop, say)
        every_s = self.settings.audit_every_s
        if every_s:
            made.beside = AuditSchedule(every_s, self._newest_audit, self.audit_index, say)
        return made

    def audit_index(self, stop: Event) -> Attempt:
        """Audit the chain and hold the index against it; what comes of it is recorded.

        The chain is read over a connection of its own, which ends with ``stop``.

        Raises:
            Interrupted: ``stop`` was set; nothing is recorded.
            DatabaseUnreachable: it cannot be recorded.
        """
        from coopledger.services.auditing.once import attempted, audit_index
        from coopledger.verdicts import schema, store

        def work() -> Verdict:
            timeout_s = self.settings.request_timeout_s
            with closing(
                connect(self.chain.rpc.url, self.chain.chain_id, timeout_s, stop)
            ) as chain:
                coop = open_cooperative(chain, self.settings.deployments_folder)
                return audit_index(coop, self.index, stop)

        attempt = attempted(work)
        with self._verdicts() as connection:
            schema.MIGRATIONS.upgrade(connection)
            store.add(connection, self._audited, attempt)
        return attempt

    def audits(self, count: int) -> list[Attempt]:
        """Return the newest recorded audits of this cooperative, done or not, newest first.

        Raises:
            DatabaseUnreachable: the database does not answer.
        """
        from coopledger.verdicts.store import newest

        with self._verdicts() as connection:
            return newest(connection, self._audited, count)

    def index_made_anew(
        self, coop: Cooperative, until: BlockNumber, watch: Callable[[Progress], None]
    ) -> AbstractContextManager[Anew]:
        """Make another index from the chain, up to a block, in a database of its own that goes again.

        Raises: see ``index.comparing.remaking``.
        """
        from coopledger.index.comparing.remaking import made_anew

        return made_anew(coop, self.settings, until, watch)

    @contextmanager
    def index(self, coop: Cooperative | None = None) -> Iterator[Connection]:
        """Give a consistent look at the index of this cooperative, seen through any node.

        Raises:
            IndexNotBuilt, IndexOfAnotherVersion, OtherOrigin, DatabaseUnreachable: see ``index.asking.reading``.
        """
        from coopledger.index.asking.reading import reading

        engine = engine_of(self.database)
        seen = self.cooperative if coop is None else coop
        ledger, chain_id = seen.ledger.address, seen.chain.chain_id
        try:
            with reading(engine, self.database, chain_id, ledger) as connection:
                yield connection
        finally:
            engine.dispose()

    def index_status(self) -> IndexStatus:
        """Return how far the index of this cooperative is.

        Raises:
            IndexNotBuilt, IndexOfAnotherVersion, OtherOrigin, DatabaseUnreachable: see ``index.asking.reading``.
        """
        from coopledger.index.asking.reading import read_status

        with self.index() as connection:
            return read_status(connection)

    @property
    def _audited(self) -> Of:
        from coopledger.verdicts.store import Of

        return Of(self.chain.chain_id, self.cooperative.ledger.address)

    def _newest_audit(self) -> Attempt | None:
        return next(iter(self.audits(1)), None)

    @contextmanager
    def _verdicts(self) -> Iterator[Connection]:
        engine = engine_of(self.database)
        try:
            with transaction(engine, self.database) as connection:
                yield connection
        finally:
            engine.dispose()

    def _signer(self) -> Signer:
        try:
            return load_signer(self.settings, self._ask_password)
        except NoKeyConfigured:
            if not is_local(self.chain):
                raise
            return development_signer(self.chain, self.settings.development_key)

    def _dsn(self) -> Dsn:
        if self.settings.database_dsn is not None:
            return Dsn(self.settings.database_dsn.get_secret_value())
        folder = self.settings.state_folder / "postgresql"
        try:
            return dsn_of(folder)
        except ServerNotRunning:
            server = EmbeddedServer(folder)
            dsn = server.start()
            self._resources.callback(server.stop)
            return dsn

    def _master_secrets(self) -> tuple[MasterSecret, ...]:
        if self.settings.master_secret_file is not None:
            return master_secrets_from_file(self.settings.master_secret_file)
        try:
            return master_secrets_from_environment()
        except MasterSecretMissing:
            if not is_local(self.chain):
                raise
            self.settings.state_folder.mkdir(parents=True, exist_ok=True)
            return master_secrets_of_trial(self.settings.state_folder)
