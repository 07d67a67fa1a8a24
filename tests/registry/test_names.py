"""What names become by a merge patch."""

import pytest

from komuna_registry.names import MissingNameError, merge_names

NAMES = {"sq": "Pallati", "en": "Palace"}


class TestMergeNames:
    @pytest.mark.parametrize(
        ("sent", "left"),
        [
            ({}, NAMES),
            ({"en": None}, {"sq": "Pallati"}),
            ({"sr-Latn": "Palata"}, {**NAMES, "sr-Latn": "Palata"}),
            ({"sq": None, "en": None, "sr-Latn": "Palata"}, {"sr-Latn": "Palata"}),
        ],
        ids=["nothing", "one gone", "one more", "all others"],
    )
    def test_takes_away_what_is_null_and_keeps_what_is_absent(
        self, sent: dict[str, str | None], left: dict[str, str]
    ) -> None:
        assert merge_names(NAMES, sent) == left

    @pytest.mark.parametrize("sent", [None, {"sq": None, "en": None}], ids=["all", "each"])
    def test_leaves_one_name_at_least(self, sent: dict[str, str | None] | None) -> None:
        with pytest.raises(MissingNameError):
            merge_names(NAMES, sent)
