"""The people around a case, for every test of this folder."""

from tests.referrals.team import team

__all__ = ["team"]
