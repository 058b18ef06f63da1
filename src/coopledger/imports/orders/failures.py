"""Why a whole file cannot be read. What is wrong with single rows are ``problems`` instead.

Each failure has a ``place``, so that a clerk can find the spot in the file, and its advice says how to
get a file that works.
"""

from coopledger.domain.orders import FilePlace
from coopledger.errors import BadInput
from coopledger.imports.orders.problems import quoted

_EXPORT_AGAIN = "Download the export from the ticket shop again and give that file unchanged."
_TAKE_POSITIONS = (
    'In pretix open Orders > Export (Ekspor), choose "Order data" (Data pesanan), the sheet '
    '"Order positions" (Posisi pesanan) as CSV, and untick "Only paid orders" (Hanya pesanan '
    "berbayar), which would hide cancellations."
)


class FileNotThere(BadInput):
    """No file has that name."""

    place: FilePlace
    says = "there is no file {place.file}"
    advice = "Check the file's name and folder."


class CannotReadFile(BadInput):
    """The operating system does not let the file be read."""

    place: FilePlace
    reason: str
    says = "{place.file} cannot be read: {reason}"
    advice = "Give a file, not a folder, that this user may read."


class FileTooLarge(BadInput):
    """The file is larger than a reader takes at once."""

    place: FilePlace
    limit: int
    """Bytes."""
    advice = "Export one event at a time, or a shorter span of order dates."

    def __str__(self) -> str:
        return f"{self.place} is larger than {self.limit // 1_000_000} MB"


class FileIsEmpty(BadInput):
    """There is nothing in the file, not even a header."""

    place: FilePlace
    says = "{place} is empty"
    advice = _EXPORT_AGAIN


class IsWorkbook(BadInput):
    """The file is an Excel workbook."""

    place: FilePlace
    says = "{place} is an Excel workbook, not a CSV or JSON file"
    advice = 'Export as CSV, or save the sheet as "CSV UTF-8" and give that file.'


class WrongEncoding(BadInput):
    """The file is not UTF-8 text."""

    place: FilePlace
    reason: str
    says = "{place}: not UTF-8 text ({reason})"
    advice = 'Save it as "CSV UTF-8", or give the export as it was downloaded.'


class HoldsNulBytes(BadInput):
    """A NUL byte stands in the text: the file is damaged or no text at all."""

    place: FilePlace
    says = "{place}: a NUL byte, which no text file has"
    advice = _EXPORT_AGAIN


class UnknownFormat(BadInput):
    """The content is none of the formats that can be read."""

    place: FilePlace
    beginning: str
    advice = (
        "These can be imported: pretix's order positions as CSV (Indonesian or English), "
        'pretix\'s "Order data (JSON)", and the plain CSV described in docs/plain-csv.md.'
    )

    def __str__(self) -> str:
        return f"{self.place} is in no known format; it begins with {quoted(self.beginning)}"


class OrderSheetGiven(BadInput):
    """The file is pretix's order sheet, with one row an order: it does not list the tickets."""

    place: FilePlace
    says = "{place} is pretix's order sheet: one row an order, not one a ticket"
    advice = f"Take the positions instead. {_TAKE_POSITIONS}"


class MissingColumns(BadInput):
    """Columns are missing that the import cannot do without."""

    place: FilePlace
    format: str
    columns: tuple[str, ...]
    advice = "Give the export with all its columns; their order does not matter."

    def __str__(self) -> str:
        names = ", ".join(self.columns)
        return f"{self.place}: columns missing for a {self.format}: {names}"


class ColumnTwice(BadInput):
    """Two columns have the same name, and the import needs that column."""

    place: FilePlace
    column: str
    advice = "Rename the column, or the ticket shop's question, that is not meant."

    def __str__(self) -> str:
        return f"{self.place}: the column {quoted(self.column)} stands more than once"


class MalformedCsv(BadInput):
    """The text breaks the rules of CSV, for example by a quotation mark that is never closed."""

    place: FilePlace
    reason: str
    says = "{place}: not a valid CSV ({reason})"
    advice = _EXPORT_AGAIN


class WrongFieldCount(BadInput):
    """A row has more or fewer fields than the header has columns."""

    place: FilePlace
    columns: int
    fields: int
    says = "{place}: {fields} fields under {columns} columns"
    advice = _EXPORT_AGAIN


class MalformedJson(BadInput):
    """The text is not JSON; most often the file was cut short."""

    place: FilePlace
    reason: str
    says = "{place}: not a complete JSON file ({reason})"
    advice = _EXPORT_AGAIN


class UnexpectedJson(BadInput):
    """The JSON is not built as pretix builds its order data."""

    place: FilePlace
    expected: str
    says = "{place}: {expected} expected"
    advice = 'In pretix open Orders > Export and take "Order data (JSON)".'
