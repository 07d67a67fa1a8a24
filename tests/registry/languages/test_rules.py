"""What a language is in a municipality."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.languages.rules import (
    LANGUAGES,
    LanguageStanding,
    Reason,
    Rule,
    Spoken,
    Standing,
    Threshold,
    find_owed,
)

OFFICIAL, IN_USE = LanguageStanding.OFFICIAL, LanguageStanding.IN_USE
LAW = (
    Rule("albanian", OFFICIAL, language="sq"),
    Rule("serbian", OFFICIAL, language="sr"),
    Rule("turkish-in-prizren", OFFICIAL, language="tr", municipality="prizren"),
    Rule("five", OFFICIAL, threshold=Threshold.FIVE_PERCENT, percent=Decimal(5)),
    Rule("three", IN_USE, threshold=Threshold.THREE_PERCENT, percent=Decimal(3)),
    Rule("traditional", IN_USE, threshold=Threshold.TRADITIONAL),
)
TRADITION = Spoken(None, is_traditional=True)
PERCENTS = st.decimals(0, 100, places=2)


class TestFindOwed:
    @pytest.mark.parametrize("language", ["sq", "sr"])
    def test_is_official_everywhere_where_the_law_names_it(self, language: str) -> None:
        owed = find_owed(language, "junik", LAW, [])

        assert (owed.standing, owed.reason) == (Standing.OFFICIAL, Reason.NAMED_BY_LAW)

    def test_is_official_in_the_one_municipality_that_the_law_names(self) -> None:
        assert find_owed("tr", "prizren", LAW, []).rule == "turkish-in-prizren"
        assert find_owed("tr", "gjilan", LAW, []).standing is Standing.UNKNOWN

    @pytest.mark.parametrize(
        ("percent", "standing", "rule"),
        [
            ("5.00", Standing.OFFICIAL, "five"),
            ("4.99", Standing.IN_USE, "three"),
            ("3.00", Standing.IN_USE, "three"),
            ("2.99", Standing.NEITHER, "five"),
            ("0", Standing.NEITHER, "five"),
        ],
    )
    def test_follows_the_share(self, percent: str, standing: Standing, rule: str) -> None:
        owed = find_owed("bs", "peje", LAW, [Spoken(Decimal(percent))])

        assert (owed.standing, owed.rule) == (standing, rule)

    def test_takes_the_threshold_from_the_rule(self) -> None:
        stricter = Rule("ten", OFFICIAL, threshold=Threshold.FIVE_PERCENT, percent=Decimal(10))
        silent = Rule("none", OFFICIAL, threshold=Threshold.FIVE_PERCENT)

        owed = find_owed("bs", "peje", [stricter], [Spoken(Decimal(6))])
        unsaid = find_owed("bs", "peje", [silent], [Spoken(Decimal(6))])

        assert (owed.standing, owed.reason) == (Standing.NEITHER, Reason.SHARE_BELOW)
        assert (unsaid.standing, unsaid.reason) == (Standing.UNKNOWN, Reason.NO_RULE_FOR_DATE)

    def test_is_in_use_where_it_is_traditional_however_few_speak_it(self) -> None:
        assert find_owed("tr", "peje", LAW, [Spoken(Decimal(1)), TRADITION]).standing == "in_use"
        assert find_owed("tr", "peje", LAW, [TRADITION]).reason is Reason.TRADITIONAL
        assert find_owed("tr", "peje", LAW, [Spoken(Decimal(6)), TRADITION]).standing == "official"

    def test_is_unknown_where_nobody_was_counted_or_sources_disagree(self) -> None:
        uncounted = find_owed("bs", "zvecan", LAW, [Spoken(None)])
        disputed = find_owed("bs", "peje", LAW, [Spoken(Decimal(6)), Spoken(Decimal(4))])

        assert (uncounted.standing, uncounted.reason) == (Standing.UNKNOWN, Reason.NOT_COUNTED)
        assert (disputed.standing, disputed.reason) == (Standing.UNKNOWN, Reason.SOURCES_DISAGREE)

    def test_is_unknown_on_a_day_on_which_no_rule_certainly_held(self) -> None:
        possible = [Rule("albanian", OFFICIAL, language="sq", is_certain=False)]

        assert find_owed("sq", "peje", possible, []).reason is Reason.NO_RULE_FOR_DATE

    @given(st.sampled_from(LANGUAGES[2:]), PERCENTS, PERCENTS)
    def test_never_falls_when_more_people_speak_it(
        self, language: str, one: Decimal, other: Decimal
    ) -> None:
        order = [Standing.NEITHER, Standing.IN_USE, Standing.OFFICIAL]

        fewer, more = (
            order.index(find_owed(language, "peje", LAW, [Spoken(share)]).standing)
            for share in sorted((one, other))
        )

        assert fewer <= more

    @given(st.lists(st.builds(Spoken, PERCENTS | st.none(), st.just(value=False)), max_size=3))
    def test_is_unknown_unless_a_count_decides(self, spoken: list[Spoken]) -> None:
        owed = find_owed("bs", "peje", LAW, spoken)

        counted = {one.percent for one in spoken} - {None}
        assert counted or owed.standing is Standing.UNKNOWN
        assert owed.rule is not None
