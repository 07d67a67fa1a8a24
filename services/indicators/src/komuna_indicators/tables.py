"""The base of this service's mapped classes, and the column shapes they share."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column

from komuna_shared.database import TYPES, new_metadata


class Base(DeclarativeBase):
    """What every mapped class of this service descends from."""

    metadata = new_metadata()
    type_annotation_map = TYPES


# Codes sort the same on every server: "_T" before all lower-case letters.
Code = Annotated[str, mapped_column(Text(collation="C"))]
Names = Annotated[dict[str, str], mapped_column(JSONB)]
Items = Annotated[list[dict[str, Any]], mapped_column(JSONB)]
Codes = Annotated[list[str], mapped_column(ARRAY(Text), server_default=text("'{}'"))]

# Nothing is overwritten: a newer statement closes the older one at the instant it is written.
WrittenAt = Annotated[
    datetime, mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
]
ReplacedAt = Annotated[
    datetime, mapped_column(TIMESTAMP(timezone=True), server_default=text("'infinity'"))
]
