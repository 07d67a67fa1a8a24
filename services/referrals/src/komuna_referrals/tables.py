"""The base of this service's mapped classes, and the column shapes they share."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column

from komuna_shared.database import TYPES, new_metadata


class Base(DeclarativeBase):
    """What every mapped class of this service descends from."""

    metadata = new_metadata()
    type_annotation_map = TYPES


Code = Annotated[str, mapped_column(Text(collation="C"))]
WrittenAt = Annotated[
    datetime, mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
]
