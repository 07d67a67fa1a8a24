"""Days as callers write them: `2026-11-21`, and nothing that merely could be read as one."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _read(value: Any) -> Any:
    # Pydantic alone takes a number for seconds since 1970, and the midnight of an instant.
    if type(value) is date or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_parsing", "This is not a date like `2026-11-21`.")


Day = Annotated[date, BeforeValidator(_read)]
