"""What may be released, and what has to be shown first."""

from enum import StrEnum

from komuna_shared.errors import RuleError


class ReleaseTier(StrEnum):
    """Under which protection a release was made."""

    PUBLISHED_ELSEWHERE = "P"
    POSTS = "0"


class TierNotOfferedError(RuleError):
    """Figures of this tier need a control that is not there yet."""

    code = "tier_not_offered"
    detail = "Only figures of tier 0 can be released: posts and those who hold them in public."


# What stands in a public document is public: no attack can learn more from repeating it exactly.
PUBLISHED_CERTIFICATE = {
    "tier": ReleaseTier.PUBLISHED_ELSEWHERE.value,
    "rule": "published_elsewhere_exact",
    "attack": "none_needed",
}

# Who holds a public office is public, and so is every count of it.
POSTS_CERTIFICATE = {
    "tier": ReleaseTier.POSTS.value,
    "rule": "exact",
    "attack": "tier 0, nothing to attack",
}
