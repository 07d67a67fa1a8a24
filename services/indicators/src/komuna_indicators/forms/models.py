"""The table of forms: which cells a reporter is asked for, each form by version."""

from sqlalchemy.orm import Mapped

from komuna_indicators.catalogue.models import Versioned
from komuna_indicators.catalogue.rules import Periodicity
from komuna_indicators.tables import Base, Code, Items, Names


class Form(Versioned, Base):
    """One version of a form; it never changes."""

    __tablename__ = "form"

    instructions: Mapped[Names]
    dataflow: Mapped[Code]
    periodicity: Mapped[Periodicity]
    cells: Mapped[Items]
    totals: Mapped[Items]
