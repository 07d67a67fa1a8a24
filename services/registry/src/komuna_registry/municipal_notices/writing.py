"""What the register knows of the words of a letter."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.institutions.models import Institution
from komuna_registry.mechanisms.models import MechanismKind
from komuna_registry.municipalities.frame import Frame
from komuna_registry.offices.models import OfficeKind

from .letters import Letter
from .models import MunicipalNotice


async def load_letter(
    connection: AsyncConnection, frame: Frame, notice: UUID, municipality: str
) -> Letter:
    """Return what the letter to one municipality is made of; whether it may be seen was asked."""
    statement = (
        select(
            MunicipalNotice.__table__,
            MechanismKind.names.label("mechanism_names"),
            OfficeKind.names.label("office_names"),
            Institution.names.label("sender_names"),
        )
        .outerjoin_from(
            MunicipalNotice, MechanismKind, MechanismKind.code == MunicipalNotice.mechanism_kind
        )
        .outerjoin(OfficeKind, OfficeKind.code == MunicipalNotice.office_kind)
        .outerjoin(Institution, Institution.code == MunicipalNotice.institution)
        .where(MunicipalNotice.id == notice)
    )
    row = (await connection.execute(statement)).one()
    return Letter(
        notice=row.id,
        subject_kind=row.subject_kind,
        kind=row.mechanism_names or row.office_names,
        municipality=frame.names_of(municipality),
        sender=row.sender_names,
        subjects=row.subjects,
        texts=row.texts,
        due_on=row.due_on,
        written_at=row.created_at,
    )
