"""What may wait for somebody in the indicators."""

from enum import StrEnum


class TaskKind(StrEnum):
    """What there is to do."""

    CORRECT_FILE = "correct_file"
    SEND_REPORT = "send_report"
    ANSWER_RETURN = "answer_return"
    VERIFY_REPORT = "verify_report"
    RELEASE_REPORTS = "release_reports"


CORRECT_FILE = "Correct the file: {count} problems."
KINDS = {
    "correct_file": TaskKind.CORRECT_FILE,
    "correct_workbook": TaskKind.CORRECT_FILE,
    "send_report": TaskKind.SEND_REPORT,
    "answer_return": TaskKind.ANSWER_RETURN,
    "verify_report": TaskKind.VERIFY_REPORT,
    "release_reports": TaskKind.RELEASE_REPORTS,
}
LABELS = {
    "correct_file": CORRECT_FILE,
    "correct_workbook": CORRECT_FILE,
    "send_report": "Send the report of {municipality} for {period}: it was due on {due_on}.",
    "answer_return": "Answer the questions to the report of {municipality} for {period}.",
    "verify_report": "Verify the report of {municipality} for {period}, version {version_no}.",
    "release_reports": "Release the verified reports for {period}: {count}.",
}
LINKS = {
    "correct_file": "/indicators/v1/imports/{thing}/problems",
    "correct_workbook": "/indicators/v1/submission-files/{thing}/reply",
    "send_report": "/indicators/v1/obligations/{thing}/reports?period={period}",
    "answer_return": "/indicators/v1/submissions/{thing}",
    "verify_report": "/indicators/v1/submissions/{thing}",
    "release_reports": "/indicators/v1/submissions"
    "?obligation={thing}&period={period}&state=verified",
}
"""Where each kind of thing is, and what there is to do about it."""
