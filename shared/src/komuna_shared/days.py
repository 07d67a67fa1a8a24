"""Days and instants as callers write them, and nothing that merely could be read as one."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from komuna_shared.problems import sentence_of

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _written(kind: type[date], form: str, code: str) -> BeforeValidator:
    def read(value: Any) -> Any:
        # Pydantic alone takes a number for seconds since 1970, and the midnight of an instant.
        if type(value) is kind or (isinstance(value, str) and re.fullmatch(form, value)):
            return value
        raise PydanticCustomError(code, sentence_of(code))

    return BeforeValidator(read)


Day = Annotated[date, _written(date, _DAY, "date_parsing")]
Instant = Annotated[AwareDatetime, _written(datetime, rf"{_DAY}[Tt].+", "datetime_parsing")]
