"""Which tables' rows have a history, and to which record each belongs.

A table is named here and in the migration that makes it, by `keep_history(TABLE, TYPE, COLUMN)`; a
test compares the two, and finds the table that is in neither list.
"""

from typing import NamedTuple


class Kept(NamedTuple):
    """The rows of `table` belong to the record of `type` that `column` names."""

    table: str
    type: str
    column: str


KEPT = (
    Kept("source", "source", "code"),
    Kept("region", "region", "code"),
    Kept("municipality", "municipality", "slug"),
    Kept("municipality_name", "municipality", "municipality"),
    Kept("municipality_code", "municipality", "municipality"),
    Kept("municipality_alias", "municipality", "municipality"),
    Kept("municipality_region", "municipality", "municipality"),
    Kept("municipality_population", "municipality", "municipality"),
    Kept("municipality_community", "municipality", "municipality"),
    Kept("municipality_succession", "municipality", "successor"),
    Kept("settlement", "settlement", "code"),
    Kept("settlement_municipality", "settlement", "settlement"),
    Kept("language_rule", "language_rule", "code"),
    Kept("municipality_language", "municipality", "municipality"),
    Kept("institution", "institution", "code"),
    Kept("institution_name", "institution", "institution"),
    Kept("institution_parent", "institution", "institution"),
    Kept("institution_succession", "institution", "predecessor"),
    Kept("membership", "institution", "body"),
    Kept("mechanism_kind", "mechanism_kind", "code"),
    Kept("mechanism_publication", "mechanism_kind", "kind"),
    Kept("mechanism_statement", "municipality", "municipality"),
    Kept("mechanism", "mechanism", "code"),
    Kept("mechanism_municipality", "mechanism", "mechanism"),
    Kept("mechanism_state", "mechanism", "mechanism"),
    Kept("mechanism_meeting", "mechanism", "mechanism"),
    Kept("mechanism_attendance", "mechanism", "mechanism"),
    Kept("office_kind", "office_kind", "code"),
    Kept("office_publication", "office_kind", "kind"),
    Kept("office", "office", "code"),
    Kept("tenure", "office", "office"),
    Kept("holder", "holder", "code"),
    Kept("contact", "contact", "id"),
    Kept("service", "service", "code"),
    Kept("service_license", "service", "service"),
    Kept("service_language", "service", "service"),
    Kept("service_eligibility", "service", "service"),
    Kept("service_area", "service", "service"),
    Kept("municipal_notice", "municipal_notice", "id"),
    Kept("municipal_notice_recipient", "municipal_notice", "notice"),
    Kept("location", "location", "code"),
    Kept("location_accessibility", "location", "location"),
    Kept("service_at_location", "service", "service"),
    Kept("service_schedule", "service", "service"),
    Kept("service_channel", "service", "service"),
    Kept("institution_channel", "institution", "institution"),
    Kept("service_cost", "service", "service"),
    Kept("service_text", "service", "service"),
    Kept("service_capacity", "service", "service"),
    Kept("accessibility_criterion", "accessibility_criterion", "code"),
    Kept("facility", "facility", "code"),
    Kept("facility_survey", "facility", "facility"),
    Kept("facility_finding", "facility", "facility"),
    Kept("activity", "activity", "code"),
    Kept("activity_municipality", "activity", "activity"),
    Kept("activity_party", "activity", "activity"),
    Kept("activity_participant", "activity", "activity"),
    Kept("activity_evidence", "activity", "activity"),
    Kept("activity_publication", "activity_publication", "indicator"),
)
# What is audited instead, is a letter that left, or says nothing by itself.
NOT_KEPT = frozenset(
    {
        *("account", "assignment"),
        *("notice", "delivery"),
        *("frame_version", "record_change", "import_change"),
    }
)
# What is computed from other columns, and what an entry says by itself.
UNTOLD = frozenset({"words", "certain", "possible", "version", "public_id", "modified_at"})
