"""What is said about the rows of a file: a sentence for each code, for people who make tables."""

SENTENCES = {
    "control_character": "The cell holds a character that cannot be stored.",
    "decimal_comma": "Write decimals with a point, not with a comma.",
    "duplicate_column": "Two columns have the same name.",
    "duplicate_key": "The same name occurs twice in the line.",
    "duplicate_row": "Row {first} is about the same thing.",
    "empty_file": "The file is empty.",
    "greater_than_total": "The part is greater than the total.",
    "invalid_value": "The value does not fit here.",
    "malformed_json": "The line is not a `JSON` object.",
    "malformed_row": "The row cannot be read.",
    "malformed_workbook": "The file is not a workbook that can be read.",
    "missing_column": "The column is missing.",
    "missing_value": "A value is missing.",
    "not_a_date": "Write days as `2026-11-21`.",
    "not_a_number": "This is not a number.",
    "not_utf8": "The row is not written in `UTF-8`. Save the file as `CSV UTF-8`.",
    "out_of_range": "The value is outside of what is allowed.",
    "too_deep": "The line is nested too deeply.",
    "too_large": "The workbook is too large.",
    "too_long": "The text is too long.",
    "too_many_cells": "The row has more cells than the header has columns.",
    "too_short": "The text is too short.",
    "unknown_code": "This is not one of the codes that are known here.",
    "unknown_column": "The table has no such column.",
    "unknown_municipality": "There is no municipality of this name.",
}


def sentence(code: str) -> str:
    """Return what is said of a code; a feature's own codes come with their own sentence."""
    return SENTENCES.get(code, SENTENCES["invalid_value"])
