"""Which roles may do what with cases, before it is asked which cases."""

READERS = frozenset(
    {
        "advocate",
        "case_owner",
        "investigator",
        "prosecutor_liaison",
        "provider",
        "shelter_intake",
        "social_worker",
        "supervisor",
    }
)
"""Who may ask for cases at all; which ones they see is decided row by row."""

RATERS = frozenset({"advocate", "investigator", "social_worker"})
"""Who rates the danger: the investigator and the advocate, for a child the social worker too."""

WRITERS = frozenset({"advocate", "case_owner", "investigator", "social_worker"})
"""Who changes a case that their institution owns, and may ask whether a person has one already."""

OPENERS = WRITERS | {"first_responder"}
"""Who may try to open a case; the procedure's row says who then does."""

RECEIVERS = frozenset({"provider", "shelter_intake"})
"""Who answers a referral that came in."""

MOVERS = WRITERS | RECEIVERS | {"supervisor"}
"""Who may try to move a referral; which step is theirs depends on the side they are on."""
