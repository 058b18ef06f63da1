"""The columns of every CSV that can be read, by the name in their header.

Columns are found by name alone, since questions and date series insert columns of their own. Pretix
translates most headers and leaves some in English, and its Indonesian sheet calls two columns ``Negara``;
so each language has its whole table, and only a column that is read must stand once. A column in no table
is a question, and its cells are answers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from coopledger.domain.safe_csv import plain_cell
from coopledger.imports.orders.rows import PLAIN_RULES, PRETIX_RULES, Field, Rules


class FileFormat(StrEnum):
    """What a file is."""

    PRETIX_CSV = "pretix positions CSV"
    PRETIX_JSON = "pretix order data JSON"
    PLAIN_CSV = "plain CSV"


MARK = "'"
"""What both writers put before a cell that would run as a formula."""


@dataclass(frozen=True)
class Layout:
    """The columns of one format in one language."""

    format: FileFormat
    rules: Rules
    names: Mapping[Field, str]
    required: frozenset[Field]
    restore: Callable[[str], str]
    """Takes that mark off a cell that begins with one, if it was the writer's."""
    ignored: frozenset[str] = frozenset()
    """Columns that are no questions and are not read either."""
    ignored_beginnings: tuple[str, ...] = ()
    order_sheet: frozenset[str] = frozenset()
    """Columns that together tell the same system's order sheet."""

    def is_question(self, name: str) -> bool:
        """Whether a column is none of the format's own."""
        return (
            name not in self.ignored
            and name not in self.names.values()
            and not name.startswith(self.ignored_beginnings)
        )

    def missing(self, header: list[str]) -> list[str]:
        """Return the names of the needed columns that a header lacks."""
        needed = [name for field, name in self.names.items() if field in self.required]
        return [name for name in needed if name not in header]


_MARKED_BY_PRETIX = re.compile(r"'[-@+=|%]")
_NUMBER_TO_PRETIX = re.compile(r"'-?[0-9,.]+$")


def restore_from_pretix(cell: str) -> str:
    """Return a cell as it was before pretix's CSV writer marked it.

    pretix puts an apostrophe before text that begins with one of ``@+-=|%`` and is no number,
    and a backslash before each ``|`` in it. Left on, the apostrophe would become part of an
    address: its local part may hold one.
    """
    if _MARKED_BY_PRETIX.match(cell) and not _NUMBER_TO_PRETIX.match(cell):
        return cell[1:].replace("\\|", "|")
    return cell


_PRETIX_REQUIRED = frozenset(
    {
        *(Field.EVENT, Field.ORDER, Field.POSITION, Field.STATUS, Field.BUYER_EMAIL),
        *(Field.ORDERED_AT, Field.ORDERED_TIME, Field.PRODUCT, Field.VARIATION, Field.PRICE),
        # Without the attendee's address a ticket would silently go to the buyer.
        Field.ATTENDEE_EMAIL,
    }
)

PRETIX_ENGLISH = Layout(
    format=FileFormat.PRETIX_CSV,
    rules=PRETIX_RULES,
    names={
        Field.EVENT: "Event slug",
        Field.ORDER: "Order code",
        Field.POSITION: "Position ID",
        Field.STATUS: "Status",
        Field.BUYER_EMAIL: "Email",
        Field.ORDERED_AT: "Order date",
        Field.ORDERED_TIME: "Order time",
        Field.STARTS_AT: "Start date",
        Field.PRODUCT: "Product",
        Field.VARIATION: "Variation",
        Field.PRICE: "Price",
        Field.ATTENDEE_NAME: "Attendee name",
        Field.ATTENDEE_EMAIL: "Attendee email",
        Field.SECRET: "Ticket secret",
        # The seat's ID and not its name: the JSON has no other.
        Field.SEAT: "Seat ID",
        Field.BUYER_NAME: "Invoice address name",
    },
    required=_PRETIX_REQUIRED,
    restore=restore_from_pretix,
    ignored=frozenset(
        {
            *("Event name", "Phone number", "Date", "End date", "Product ID", "Variation ID"),
            *("Tax rate", "Tax rule", "Tax value", "Attendee company", "Address", "ZIP code"),
            *("City", "Country", "State", "Voucher", "Voucher budget usage", "Voucher tag"),
            *("Pseudonymization ID", "Seat name", "Seat zone", "Seat row", "Seat number"),
            *("Blocked", "Valid from", "Valid until", "Order comment", "Follow-up date"),
            *("Add-on to position ID", "Invoice address company", "Invoice address street"),
            *("Invoice address ZIP code", "Invoice address city", "Invoice address country"),
            *("Invoice address state", "VAT ID", "Sales channel", "Order locale"),
            *("Email address verified", "External customer ID", "Check-in lists"),
            *("Payment providers", "Position order link"),
        }
    ),
    ignored_beginnings=("Attendee name: ", "Invoice address name: "),
    order_sheet=frozenset({"Order code", "Order total"}),
)

PRETIX_INDONESIAN = Layout(
    format=FileFormat.PRETIX_CSV,
    rules=PRETIX_RULES,
    names={
        Field.EVENT: "Slug acara",
        Field.ORDER: "Kode pemesanan",
        Field.POSITION: "ID Posisi",
        Field.STATUS: "Status",
        Field.BUYER_EMAIL: "Email",
        Field.ORDERED_AT: "Tanggal pemesanan",
        Field.ORDERED_TIME: "Waktu pemesanan",
        Field.STARTS_AT: "Mulai tanggal",
        Field.PRODUCT: "Produk",
        Field.VARIATION: "Variasi",
        Field.PRICE: "Harga",
        Field.ATTENDEE_NAME: "Nama peserta",
        Field.ATTENDEE_EMAIL: "email peserta",
        Field.SECRET: "Rahasia tiket",
        Field.SEAT: "ID kursi",
        Field.BUYER_NAME: "Nama alamat faktur",
    },
    required=_PRETIX_REQUIRED,
    restore=restore_from_pretix,
    ignored=frozenset(
        {
            *("Nama acara", "Nomor telepon", "Tanggal", "Tanggal akhir", "ID Produk"),
            *("ID Variasi", "Persentase pajak", "Aturan pajak", "Nilai pajak"),
            *("Perusahaan peserta", "Alamat", "Kode Pos", "Kota", "Negara", "Voucher"),
            *("Voucher budget usage", "Voucher tag", "ID pseudonimisasi", "Nama kursi"),
            *("Zona tempat duduk", "Barisan kursi", "Nomor kursi", "Diblokir"),
            *("Berlaku dari", "Berlaku hingga", "Komentar pesanan", "Tanggal tindak lanjut"),
            *("Add-on to position ID", "Perusahaan alamat faktur", "Jalan alamat faktur"),
            *("Kode pos alamat faktur", "Kota alamat faktur", "Negara alamat faktur"),
            *("Status alamat faktur", "Identitas Pajak", "Kanal penjualan", "Pesan lokal"),
            *("Alamat email terverifikasi", "ID pelanggan eksternal", "Daftar check-in"),
            *("Penyedia pembayaran", "Position order link"),
        }
    ),
    ignored_beginnings=("Nama peserta: ", "Nama alamat faktur: "),
    order_sheet=frozenset({"Kode pemesanan", "Jumlah pesanan"}),
)

PLAIN = Layout(
    format=FileFormat.PLAIN_CSV,
    rules=PLAIN_RULES,
    names={
        Field.ORDER: "order",
        Field.POSITION: "position",
        Field.STATUS: "status",
        Field.EVENT: "event",
        Field.PRODUCT: "product",
        Field.BUYER_EMAIL: "email",
        Field.SOURCE: "source",
        Field.STARTS_AT: "starts_at",
        Field.VARIATION: "variation",
        Field.PRICE: "price",
        Field.ORDERED_AT: "ordered_at",
        Field.BUYER_NAME: "buyer_name",
        Field.ATTENDEE_NAME: "attendee_name",
        Field.ATTENDEE_EMAIL: "attendee_email",
        Field.SECRET: "secret",
        Field.SEAT: "seat",
    },
    required=frozenset(
        {
            *(Field.ORDER, Field.POSITION, Field.STATUS),
            *(Field.EVENT, Field.PRODUCT, Field.BUYER_EMAIL),
        }
    ),
    restore=plain_cell,
)

LAYOUTS = (PRETIX_INDONESIAN, PRETIX_ENGLISH, PLAIN)
