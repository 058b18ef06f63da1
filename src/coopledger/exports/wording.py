"""What the exports say in Indonesian and in English, and the facts that each of them states.

Columns and values of the data are the same in both languages; they are what is compared with the chain.
Only what stands around them is translated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from coopledger.domain.types import WIB, Timestamp, to_datetime
from coopledger.exports.data import LAST_TIME, About, Fingerprint
from coopledger.index.asking.wanted import State


@dataclass(frozen=True)
class Wording:
    """Everything that an export says in one language."""

    title: str
    house: str
    about: str
    as_of: str
    block: str
    block_hash: str
    final: str
    yes: str
    not_final: str
    ledger: str
    chain: str
    open: str
    full: str
    associate: str
    by_consent: str
    closed: str
    moved: str
    annulled: str
    head: str
    events: str
    listed: str
    listed_open: str
    listed_closed: str
    listed_all: str
    without_annulled: str
    sha256: str
    verify: str
    columns: tuple[str, ...]
    standings: tuple[str, str]
    consents: tuple[str, str, str]
    causes: tuple[str, ...]
    chair: str
    secretary: str
    place_and_date: str
    name: str
    page: str
    too_many: str
    no_names_audited: str
    statement: str


INDONESIAN = Wording(
    title="Buku Daftar Anggota",
    house="Koperasi film",
    about="Keterangan",
    as_of="Keadaan per",
    block="Blok",
    block_hash="Hash blok",
    final="Final",
    yes="ya, tidak dapat berubah lagi",
    not_final="belum, masih dapat berubah",
    ledger="Kontrak buku daftar",
    chain="Rantai (chain id)",
    open="Anggota aktif",
    full="Anggota penuh",
    associate="Anggota luar biasa",
    by_consent="Persetujuan: ditandatangani / pembelian / pernyataan tertulis",
    closed="Catatan ditutup",
    moved="di antaranya pindah akun",
    annulled="di antaranya dibatalkan (salah catat)",
    head="Kepala daftar (register head)",
    events="Peristiwa dalam daftar",
    listed="Yang tercantum",
    listed_open="{rows} anggota aktif",
    listed_closed="{rows} catatan yang ditutup",
    listed_all="{rows} catatan, aktif dan ditutup",
    without_annulled="tanpa catatan yang dibatalkan",
    sha256="SHA-256 data (CSV)",
    verify="Perintah pemeriksaan",
    columns=("No.", "Akun", "Status", "Persetujuan", "Bergabung", "Berakhir", "Sebab"),
    standings=("luar biasa", "penuh"),
    consents=("ditandatangani", "pembelian", "tertulis"),
    causes=("keluar", "dikeluarkan", "meninggal", "pindah", "dibatalkan"),
    chair="Ketua",
    secretary="Sekretaris",
    place_and_date="Tempat, tanggal",
    name="Nama",
    page="Halaman {page} dari {pages}",
    too_many="Daftar ini memuat {rows} catatan dan tidak dicetak di sini. Isinya adalah berkas CSV "
    "dengan SHA-256 di atas; perintah di atas membandingkannya dengan rantai.",
    no_names_audited="Kolom nama bukan bagian dari data yang diperiksa.",
    statement="Kami menyatakan bahwa daftar ini adalah buku daftar anggota koperasi per saat di atas.",
)

ENGLISH = Wording(
    title="Register of Members",
    house="Film cooperative",
    about="About",
    as_of="As of",
    block="Block",
    block_hash="Block hash",
    final="Final",
    yes="yes, it cannot change any more",
    not_final="not yet, it can still change",
    ledger="Ledger contract",
    chain="Chain id",
    open="Members",
    full="Full members",
    associate="Associate members",
    by_consent="Consent: signed / purchased / attested",
    closed="Closed records",
    moved="of these moved to another account",
    annulled="of these annulled (entered in error)",
    head="Register head",
    events="Events of the register",
    listed="Listed",
    listed_open="{rows} members",
    listed_closed="{rows} closed records",
    listed_all="{rows} records, open and closed",
    without_annulled="without annulled entries",
    sha256="SHA-256 of the data (CSV)",
    verify="Command that verifies it",
    columns=("No.", "Account", "Standing", "Consent", "Joined", "Left", "Cause"),
    standings=("associate", "full"),
    consents=("signed", "purchased", "attested"),
    causes=("left", "expelled", "deceased", "moved", "annulled"),
    chair="Chair",
    secretary="Secretary",
    place_and_date="Place and date",
    name="Name",
    page="Page {page} of {pages}",
    too_many="This list has {rows} records and is not printed here. It is the CSV file with the "
    "SHA-256 above; the command above compares it with the chain.",
    no_names_audited="The names are no part of the audited data.",
    statement="We declare that this list is the cooperative's register of members as of the above.",
)


def local_time(moment: Timestamp, zone: ZoneInfo = WIB) -> str:
    """Return a time as people read it, with its zone."""
    return f"{to_datetime(Timestamp(min(moment, LAST_TIME - 86_400)), zone):%Y-%m-%d %H:%M:%S %Z}"


def facts_of(
    about: About, fingerprint: Fingerprint, wording: Wording, file: str, zone: ZoneInfo = WIB
) -> Iterator[tuple[str, str]]:
    """Yield what an export states: a label and a value each."""
    as_of, counts = about.as_of, about.counts
    yield wording.title, about.cooperative or wording.house
    yield wording.as_of, local_time(as_of.time, zone)
    yield wording.block, str(as_of.block.number)
    yield wording.block_hash, "0x" + as_of.block.hash.hex()
    yield wording.final, wording.yes if as_of.final else wording.not_final
    yield wording.ledger, about.ledger
    yield wording.chain, str(about.chain_id)
    yield wording.open, str(counts.open)
    yield wording.full, str(counts.full)
    yield wording.associate, str(counts.associate)
    yield wording.by_consent, f"{counts.signed} / {counts.purchased} / {counts.attested}"
    yield wording.closed, str(counts.closed)
    yield wording.moved, str(counts.moved)
    yield wording.annulled, str(counts.annulled)
    yield wording.events, str(about.events)
    yield wording.head, "0x" + about.head.hex()
    yield wording.listed, listed(about, fingerprint, wording)
    yield wording.sha256, fingerprint.sha256
    yield wording.verify, about.verify(Path(file))


def listed(about: About, fingerprint: Fingerprint, wording: Wording) -> str:
    """Say how many records are listed, and which."""
    state, annulled = about.wanted.state, about.wanted.annulled
    by_state = {
        State.OPEN: wording.listed_open,
        State.CLOSED: wording.listed_closed,
        State.ALL: wording.listed_all,
    }
    said = by_state[state].format(rows=fingerprint.rows)
    left_out = state is not State.OPEN and not annulled
    return f"{said}, {wording.without_annulled}" if left_out else said
