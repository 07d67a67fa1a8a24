"""What may be released, and what has to be shown first."""

from enum import StrEnum


class ReleaseTier(StrEnum):
    """Under which protection a release was made."""

    PUBLISHED_ELSEWHERE = "P"


# What stands in a public document is public: no attack can learn more from repeating it exactly.
PUBLISHED_CERTIFICATE = {
    "tier": ReleaseTier.PUBLISHED_ELSEWHERE.value,
    "rule": "published_elsewhere_exact",
    "attack": "none_needed",
}
