"""What is refused about contacts."""

from komuna_shared.errors import ConflictError, NotFoundError, RuleError

SHARED_NAME = "Several municipalities have this name. Write which of them is meant."
OTHER_OFFICE = "This office belongs to another municipality or institution."
OTHER_OWNER = "This contact belongs to another municipality or institution. Leave `id` empty."
TAKEN = "There is a contact of this name and position already."
NOT_THERE = "This names something that is not there."
SOURCE_NEEDED = "Name the document that says so, and the place in it."


class ContactNotFoundError(NotFoundError):
    """There is no such contact."""

    detail = "There is no such contact."


class ContactTakenError(ConflictError):
    """Somebody of this name in this position is in the list."""

    code = "contact_taken"
    detail = TAKEN


class ContactRefusedError(RuleError):
    """Something that is said of the contact cannot be."""

    code = "contact_refused"
    detail = "The contact cannot be kept like this. The list of errors says where and why."
