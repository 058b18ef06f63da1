"""A deployed cooperative on an anvil of the session's own, with people behind it.

Two chains hold the same ledger (same deployer, same nonces). On the first nothing is sold yet, on the
second the whole example set is; each test gets its chain as the one before it got it. The people's
database is never brought back, as it would not be in real life.
"""

from __future__ import annotations

import csv
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from coopledger.chain.building.compiler import compile_sources
from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import NATIVE_COIN, Cooperative, open_cooperative
from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain, connect
from coopledger.database.dsn import Dsn
from coopledger.domain.roles import Role
from coopledger.domain.screenings import Announcement, Film, Tier
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    WIB,
    Address,
    Attestation,
    FilmId,
    Rupiah,
    ScreeningId,
    TicketId,
    Timestamp,
    to_timestamp,
)
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import ImportedFile, read_positions
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.local.database.server import EmbeddedServer
from coopledger.people.desk import People
from coopledger.people.master import MasterSecret, SecretVersion
from coopledger.services.counter.rescheduling import cancel_screening
from coopledger.services.founding.deploying import CLOSING_DELAY_S, Holder, deploy
from coopledger.services.importing.consents import ConsentRule, Consents
from coopledger.services.importing.report import ImportReport
from coopledger.services.importing.sending import import_orders
from coopledger.services.programme.films_and_screenings import add_film, add_screening
from coopledger.services.register.bylaws import record_bylaws
from coopledger.settings import Settings
from tests.services.public import Public

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MONDAY = to_timestamp(datetime(2026, 11, 30, 9, 0, tzinfo=WIB))
ATTESTATION = Attestation(b"the sixteen byte")
MASTER_SECRET = MasterSecret(SecretVersion(1), bytes(range(32)))

OPERATOR, SECOND_CLERK, GUARDIAN, ADMIN, DEPLOYER = 0, 1, 7, 8, 9
"""Which development key does what. The operator holds every other role, too."""

#: For the plain CSVs of the tests. Screenings 1 to 3 are the examples'; 4 has ten numbered seats,
#: 5 is cancelled, 6 has two places.
PLAIN_MAP = """
[events]
free = 1
hall = 4
cancelled = 5
small = 6
nowhere = 99

[products]
"Reguler" = "Tiket reguler"
"Popcorn" = "no ticket"
"Gold" = "Emas"
"Ninth" = 9

[seats]
"A-1" = 1
"""

PLAIN_HEADER = (
    *("order", "position", "status", "event", "product", "email", "attendee_email"),
    *("ordered_at", "seat", "secret", "Setuju: ikut?"),
)


@dataclass
class Office:
    """A box office at work: what a clerk's command would be wired to."""

    url: str
    chain: Chain
    dev: DevChain
    coop: Cooperative
    people: People
    settings: Settings
    deployments: Path
    folder: Path
    dsn: Dsn

    def signer(self, index: int = OPERATOR) -> Signer:
        """Return a development key."""
        return development_signer(self.chain, index)

    def sender(self, index: int = OPERATOR) -> Sender:
        """Return what sends the transactions of a development key."""
        return Sender(self.chain, self.signer(index), self.settings)

    @property
    def operator(self) -> Address:
        """The account of the operator, which is the box office's."""
        return self.signer().address

    def sell(
        self,
        *files: Path | ImportedFile,
        consents: Consents | None = None,
        order_map: OrderMap | None = None,
        clerk: int = OPERATOR,
        **options: Any,
    ) -> ImportReport:
        """Import some files, the buyers' consent taken as given unless said otherwise."""
        return import_orders(
            self.coop,
            self.sender(clerk),
            self.operator,
            self.people,
            self.settings,
            [read_positions(each) if isinstance(each, Path) else each for each in files],
            order_map or OrderMap.load(EXAMPLES / "kinarya-map.toml"),
            consents or Consents(ConsentRule.BUYERS, "", ATTESTATION),
            **options,
        )

    def sell_plain(self, *rows: dict[str, str], **options: Any) -> ImportReport:
        """Import a plain CSV of these rows, by ``PLAIN_MAP``."""
        return self.sell(self.plain(*rows), order_map=self.plain_map(), **options)

    def plain(self, *rows: dict[str, str]) -> Path:
        """Write a plain CSV: each row is a paid one with what it changes."""
        path = self.folder / f"plain-{secrets.token_hex(4)}.csv"
        usual = dict.fromkeys(PLAIN_HEADER, "") | {
            "position": "1",
            "status": "paid",
            "event": "free",
            "product": "Reguler",
            "email": "ani@example.org",
            "ordered_at": "2026-11-02 19:30",
        }
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, PLAIN_HEADER)
            writer.writeheader()
            writer.writerows(usual | row for row in rows)
        return path

    def plain_map(self) -> OrderMap:
        """Return the map for plain CSVs."""
        path = self.folder / "plain-map.toml"
        path.write_text(PLAIN_MAP, encoding="utf-8")
        return OrderMap.load(path)

    def sold(self) -> list[SoldTicket]:
        """Return what the chain says was sold outside it, in order."""
        office, first = self.coop.box_office, self.coop.first_block
        return list(office.sold_tickets(office.sales_outside((), first, self.chain.head())))

    def sales(self) -> list[str]:
        """Return the hashes of the transactions that sold outside the chain, in order."""
        topic = events_of("BoxOffice")["Sold"].topic
        office, first = self.coop.box_office.address, self.coop.first_block
        logs = self.chain.logs([office], [topic], first, self.chain.head())
        return ["0x" + log.transaction_hash.hex() for log in logs]

    def tickets(self) -> list[Ticket]:
        """Return every ticket."""
        count = self.coop.ledger.ticket_count()
        return self.coop.ledger.tickets([TicketId(number) for number in range(1, count + 1)])

    def nonce(self, index: int = OPERATOR) -> int:
        """Return how many transactions a development key has sent."""
        return self.chain.nonce_of(self.signer(index).address, "pending")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the arguments of all of the ledger's events of one name."""
        ledger = self.coop.ledger
        logs = self.chain.logs([ledger.address], [], self.coop.first_block, self.chain.head())
        return ledger.events(name, logs)

    def viewers(self) -> Public:
        """Return viewers of this box office."""
        return Public(self)


def holders(chain: Chain) -> tuple[Holder, ...]:
    """Return who holds which role: the operator nearly all, a second clerk the box office's."""

    def account(index: int) -> Address:
        return development_signer(chain, index).address

    apart = {Role.ADMIN, Role.GUARDIAN, Role.MINTER}
    return (
        Holder(Role.ADMIN, account(ADMIN), ADMIN_DELAY_S),
        Holder(Role.GUARDIAN, account(GUARDIAN)),
        Holder(Role.BOX_OFFICE, account(SECOND_CLERK)),
        *(
            Holder(role, account(OPERATOR), CLOSING_DELAY_S if role is Role.CLOSING else 0)
            for role in Role
            if role not in apart
        ),
    )


def found(
    chain: Chain,
    folder: Path,
    settings: Settings,
    *,
    bylaws: bool = True,
    currency: Address | None = None,
) -> Cooperative:
    """Deploy a cooperative and announce its programme."""
    deployer = development_signer(chain, DEPLOYER)
    coop = deploy(
        chain,
        Sender(chain, deployer, settings),
        deployer.address,
        folder,
        holders(chain),
        currency,
        lambda _: None,
    )
    operator = development_signer(chain)
    sender = Sender(chain, operator, settings)
    if bylaws:
        record_bylaws(coop, sender, operator.address, bytes(31) + b"\1")
    for title in ("Turah", "Siti", "Ziarah"):
        add_film(coop, sender, Film(title, 2016, 90))
    tiers = ("Tiket reguler", "Tiket pelajar")
    for day, film, capacity, seated in (
        (5, 1, 400, False),
        (12, 2, 400, False),
        (19, 3, 400, False),
        (19, 1, 10, True),
        (19, 1, 50, False),
        (19, 1, 2, False),
    ):
        starts = to_timestamp(datetime(2026, 12, day, 19, 0, tzinfo=WIB))
        announced = Announcement(
            film=FilmId(film),
            venue="Gedung Kesenian Tegal",
            capacity=capacity,
            starts_at=starts,
            ends_at=Timestamp(starts + 90 * 60),
            opens_at=chain.block("latest").timestamp,
            closes_at=starts,
            refundable_until=Timestamp(starts - 86_400),
            seated=seated,
            non_transferable=False,
            tiers=tuple(Tier(name, Rupiah(20_000), Rupiah(10_000)) for name in tiers),
        )
        add_screening(coop, sender, announced)
    cancel_screening(coop, sender, operator.address, ScreeningId(5))
    return coop


@pytest.fixture(scope="session")
def everybody() -> Callable[[Chain], tuple[Holder, ...]]:
    """What says who holds which role on a local chain."""
    return holders


@pytest.fixture(scope="package")
def state_folder() -> Iterator[Path]:
    """A folder of the session's own that PostgreSQL's system user can reach."""
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="package")
def database(state_folder: Path) -> Iterator[Dsn]:
    """The DSN of the session's people."""
    with EmbeddedServer(state_folder / "postgresql", durable=False) as server:
        yield server.start()


@pytest.fixture(scope="package")
def shared_people(database: Dsn) -> Iterator[People]:
    """The desk of the session."""
    with People.open(database, [MASTER_SECRET]) as people:
        yield people


OfficeOpener = Callable[[str], Office]


@contextmanager
def office_in(folder: Path, database: Dsn, people: People) -> Iterator[Office]:
    """Start an anvil on a Monday morning and found a cooperative on it."""
    with ExitStack() as stack:
        node = stack.enter_context(LocalNode(NodeOptions(timestamp=MONDAY)))
        chain = connect(node.url, node.chain_id)
        stack.callback(chain.close)
        settings = Settings.model_construct(receipt_timeout_s=20.0)
        coop = found(chain, folder, settings)
        yield Office(
            *(node.url, chain, DevChain(chain), coop, people, settings, folder, folder, database)
        )


@pytest.fixture(scope="package")
def open_office(state_folder: Path, database: Dsn, shared_people: People) -> Iterator[OfficeOpener]:
    """What founds a cooperative on an anvil of its own."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(
            office_in(state_folder / name, database, shared_people)
        )


@pytest.fixture(scope="package")
def founded(open_office: OfficeOpener) -> Office:
    """The chain on which nothing is sold."""
    return open_office("fresh")


@pytest.fixture(scope="package")
def founded_and_sold(open_office: OfficeOpener) -> tuple[Office, ImportReport]:
    """The chain on which the whole example set is sold, and the report of that."""
    office = open_office("busy")
    office.dev.increase_time(60)
    return office, office.sell(EXAMPLES / "kinarya-positions.csv")


@pytest.fixture
def office(founded: Office, tmp_path: Path) -> Iterator[Office]:
    """A box office that has sold nothing yet."""
    with brought_back(founded, tmp_path) as fresh:
        yield fresh


@pytest.fixture
def busy(founded_and_sold: tuple[Office, ImportReport], tmp_path: Path) -> Iterator[Office]:
    """A box office that has sold the example set: 749 tickets to 251 members and others."""
    with brought_back(founded_and_sold[0], tmp_path) as sold:
        yield sold


@pytest.fixture
def unfounded(founded: Office, tmp_path: Path) -> Iterator[Office]:
    """A cooperative beside the first, on the same chain, that has no by-laws yet."""
    with brought_back(founded, tmp_path) as office:
        coop = found(office.chain, tmp_path, office.settings, bylaws=False)
        yield Office(**{**vars(office), "coop": coop, "deployments": tmp_path})


@pytest.fixture
def found_another(office: Office, tmp_path: Path) -> Callable[[Address], Office]:
    """What founds a cooperative beside the first, whose box office sells for another currency."""

    def made(currency: Address) -> Office:
        coop = found(office.chain, tmp_path, office.settings, currency=currency)
        return Office(**{**vars(office), "coop": coop, "deployments": tmp_path})

    return made


@pytest.fixture(scope="session")
def stubborn_code() -> bytes:
    """The creation code of a currency without permits (``contracts/StubbornToken.sol``)."""
    source = Path(__file__).parent / "contracts" / "StubbornToken.sol"
    built = compile_sources({source.name: source.read_text("utf-8")}, ROOT)
    code: str = built.contracts[source.name]["StubbornToken"]["evm"]["bytecode"]["object"]
    return bytes.fromhex(code)


@contextmanager
def brought_back(office: Office, folder: Path) -> Iterator[Office]:
    """Give an office with a folder of its own, and bring its chain back afterwards."""
    snapshot = office.dev.snapshot()
    try:
        yield Office(**{**vars(office), "folder": folder})
    finally:
        # What still waits would be counted as sent on the chain that was put back.
        office.chain.rpc.request("anvil_dropAllTransactions", repeat=False)
        office.dev.set_automine(True)
        office.dev.revert(snapshot)
        _wait_until_nothing_waits(office)


def _wait_until_nothing_waits(office: Office) -> None:
    """Wait until the node counts no transaction as under way that the chain put back does not have."""
    deadline = time.monotonic() + 10
    while office.nonce() != office.chain.nonce_of(office.operator):
        assert time.monotonic() < deadline, "the node keeps a transaction that was taken back"
        time.sleep(0.01)


@pytest.fixture
def native_public(founded: Office, tmp_path: Path) -> Iterator[Public]:
    """Viewers of a cooperative whose box office takes the chain's own coin."""
    with brought_back(founded, tmp_path) as office:
        coop = found(office.chain, tmp_path, office.settings, currency=NATIVE_COIN)
        yield Public(Office(**{**vars(office), "coop": coop, "deployments": tmp_path}))


@pytest.fixture
def public(office: Office) -> Public:
    """Viewers of the box office that has sold nothing yet."""
    return office.viewers()


@pytest.fixture
def second_clerk(office: Office) -> Iterator[Office]:
    """The same box office over a connection of its own."""
    chain = connect(office.url, office.chain.chain_id)
    coop = open_cooperative(chain, office.deployments)
    yield Office(**{**vars(office), "chain": chain, "dev": DevChain(chain), "coop": coop})
    chain.close()


def key_of(index: int) -> str:
    """Return the public private key that local chains fund, as the environment holds one."""
    Account.enable_unaudited_hdwallet_features()
    phrase = " ".join(["test"] * 11 + ["junk"])
    account = Account.from_mnemonic(phrase, account_path=f"m/44'/60'/0'/0/{index}")
    return str(account.key.hex())


@pytest.fixture
def environment(office: Office) -> Callable[..., dict[str, str]]:
    """Return what makes the environment of a clerk's own process."""
    return partial(environment_of, office)


def environment_of(office: Office, clerk: int = OPERATOR, **settings: object) -> dict[str, str]:
    """Return the environment of a clerk's own process."""
    return {
        "PATH": "/usr/bin:/bin",
        "COOPLEDGER_RPC_URL": office.url,
        "COOPLEDGER_DEPLOYMENTS_FOLDER": str(office.deployments),
        "COOPLEDGER_STATE_FOLDER": str(office.folder / "state"),
        "COOPLEDGER_DATABASE_DSN": office.dsn.text,
        "COOPLEDGER_MASTER_SECRET": f"1:{MASTER_SECRET.material.hex()}",
        "COOPLEDGER_OPERATOR_KEY": key_of(clerk),
        **{f"COOPLEDGER_{name.upper()}": str(value) for name, value in settings.items()},
    }
