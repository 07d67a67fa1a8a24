"""What may wait for somebody in the indicators."""

from enum import StrEnum


class TaskKind(StrEnum):
    """What there is to do."""

    CORRECT_FILE = "correct_file"


CORRECT_FILE = "Correct the file: {count} problems."
