"""The file formats that tables come in and go out as."""

from enum import StrEnum


class Media(StrEnum):
    """The formats of imports and exports, by media type."""

    CSV = "text/csv"
    NDJSON = "application/x-ndjson"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @property
    def extension(self) -> str:
        """The ending of a file's name, which is also the word for `format=`."""
        return self.name.lower()
