"""What the pictures say, in Indonesian and in English.

A language is a filled-in :class:`Words`, so a text that lacks in one of them does not pass the type
check. Names of films, venues and tiers are shown as the box office wrote them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import WIB, Timestamp, to_datetime


class Language(StrEnum):
    """A language that the pictures speak."""

    ID = "id"
    EN = "en"


@dataclass(frozen=True)
class House:
    """Whose pictures they are: the cooperative's name, and the zone in which its times are read."""

    name: str = ""
    """Empty to call it a film cooperative."""
    zone: ZoneInfo = WIB


@dataclass(frozen=True)
class Words:
    """Everything that a picture or its metadata says in one language."""

    cooperative: str
    ticket: str
    number: str
    state: str
    valid: str
    redeemed: str
    void: str
    cancelled: str
    stamp_cancelled: str
    film: str
    year: str
    length: str
    minutes: str
    starts: str
    venue: str
    tier: str
    seat: str
    free_seating: str
    screening: str
    unknown_venue: str
    veiled_title: str
    veiled: str
    show_at_the_door: str
    admits_nobody: str
    thanks: str
    member: str
    card: str
    since: str
    membership: str
    standing: str
    standings: Mapping[Standing, str]
    open: str
    causes: Mapping[Cause, str]
    until: str
    account: str
    motto: str
    contract: str
    ticket_tells: str
    """A ticket's description; ``{cooperative}`` is filled in."""
    free_tells: str
    """What is added to it of a ticket that is no card yet."""
    card_tells: str
    """What is added of one that is; ``{number}`` is filled in."""
    void_tells: str
    """What is added of one that is void."""
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    clock: str
    """How a time of day is written, for ``strftime``."""


_INDONESIAN = Words(
    cooperative="Koperasi Film",
    ticket="Tiket",
    number="No.",
    state="Status",
    valid="Berlaku",
    redeemed="Sudah dipakai",
    void="Batal",
    cancelled="Penayangan dibatalkan",
    stamp_cancelled="Penayangan batal",
    film="Film",
    year="Tahun",
    length="Durasi",
    minutes="menit",
    starts="Mulai",
    venue="Tempat",
    tier="Kelas",
    seat="Kursi",
    free_seating="Bebas",
    screening="Penayangan",
    unknown_venue="Tanyakan ke loket",
    veiled_title="Tiket film",
    veiled="Film, waktu, tempat, dan kursi baru tampil di sini setelah penayangan selesai.",
    show_at_the_door="Tunjukkan di pintu",
    admits_nobody="Bukan tanda masuk",
    thanks="Terima kasih sudah menonton",
    member="Anggota",
    card="Kartu anggota",
    since="Anggota sejak",
    membership="Keanggotaan",
    standing="Jenis anggota",
    standings={
        Standing.NONE: "Belum ditentukan",
        Standing.ASSOCIATE: "Anggota luar biasa",
        Standing.FULL: "Anggota penuh",
    },
    open="Aktif",
    causes={
        Cause.NONE: "Ditutup",
        Cause.LEFT: "Keluar",
        Cause.EXPELLED: "Diberhentikan",
        Cause.DECEASED: "Meninggal dunia",
        Cause.MOVED: "Pindah akun",
        Cause.ANNULLED: "Dibatalkan",
    },
    until="Ditutup",
    account="Akun",
    motto="Milik penonton",
    contract="Tiket film yang sekaligus menjadi kartu anggota koperasi.",
    ticket_tells="Tiket film dari {cooperative}.",
    free_tells="Tiket ini dapat menjadi kartu anggota pemegangnya.",
    card_tells="Tiket ini adalah kartu anggota nomor {number} dan tidak dapat dipindahtangankan.",
    void_tells="Tiket ini batal dan tidak berlaku lagi.",
    weekdays=("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    months=(
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    clock="%H.%M",
)

_ENGLISH = Words(
    cooperative="Film Cooperative",
    ticket="Ticket",
    number="No.",
    state="State",
    valid="Valid",
    redeemed="Used",
    void="Void",
    cancelled="Screening cancelled",
    stamp_cancelled="Cancelled",
    film="Film",
    year="Year",
    length="Length",
    minutes="minutes",
    starts="Starts",
    venue="Venue",
    tier="Tier",
    seat="Seat",
    free_seating="Free seating",
    screening="Screening",
    unknown_venue="Ask the box office",
    veiled_title="Film ticket",
    veiled="Film, time, venue and seat are shown here once the screening has ended.",
    show_at_the_door="Show this at the door",
    admits_nobody="Not an entry pass",
    thanks="Thank you for watching",
    member="Member",
    card="Member’s card",
    since="Member since",
    membership="Membership",
    standing="Standing",
    standings={
        Standing.NONE: "Not yet set",
        Standing.ASSOCIATE: "Associate member",
        Standing.FULL: "Full member",
    },
    open="Active",
    causes={
        Cause.NONE: "Closed",
        Cause.LEFT: "Left",
        Cause.EXPELLED: "Expelled",
        Cause.DECEASED: "Deceased",
        Cause.MOVED: "Moved to a new account",
        Cause.ANNULLED: "Annulled",
    },
    until="Closed",
    account="Account",
    motto="Owned by its audience",
    contract="Film tickets that double as membership cards of the cooperative.",
    ticket_tells="A film ticket of {cooperative}.",
    free_tells="It can become its holder’s membership card.",
    card_tells="It is the card of member {number} and cannot be transferred.",
    void_tells="It is void.",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    clock="%H:%M",
)

_WORDS = {Language.ID: _INDONESIAN, Language.EN: _ENGLISH}


def words_of(language: Language) -> Words:
    """Return the texts of a language."""
    return _WORDS[language]


def day_of(moment: Timestamp, words: Words, zone: ZoneInfo, *, weekday: bool = True) -> str:
    """Return a day as people say it: Sabtu, 5 Desember 2026."""
    when = to_datetime(moment, zone)
    day = f"{when.day} {words.months[when.month - 1]} {when.year}"
    return f"{words.weekdays[when.weekday()]}, {day}" if weekday else day


def time_of(moment: Timestamp, words: Words, zone: ZoneInfo) -> str:
    """Return a time of day with its zone: 19.00 WIB."""
    when: datetime = to_datetime(moment, zone)
    return f"{when:{words.clock}} {when:%Z}"
