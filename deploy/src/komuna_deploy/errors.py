"""What stops the operator's command, with what the operator can do about it."""

from enum import IntEnum


class Exit(IntEnum):
    """How the command ends, for scripts and cron."""

    OK = 0
    WARNING = 1
    FAILURE = 2
    USAGE = 64
    TRY_AGAIN = 75


class OperatorError(Exception):
    """Something only the operator can put right; `advice` says how."""

    def __init__(self, message: str, advice: str, *, code: Exit = Exit.FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.code = code


class UsageError(OperatorError):
    """The command was asked for something it does not know."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message, advice, code=Exit.USAGE)
