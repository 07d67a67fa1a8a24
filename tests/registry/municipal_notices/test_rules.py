"""How far a municipality is, and what may be asked for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.municipal_notices.rules import (
    AsksError,
    DueError,
    Progress,
    RecipientState,
    SubjectKind,
    TextsError,
    check_asks,
    check_due,
    check_texts,
    find_delivery,
    find_state,
)

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
DUE = date(2026, 12, 31)
COUNTS = st.integers(0, 3)
PROGRESS = st.builds(
    Progress, COUNTS, COUNTS, COUNTS, st.sampled_from([None, NOW]), st.sampled_from([None, NOW])
)
DAYS = st.integers(-3, 3).map(lambda days: DUE + timedelta(days))


class TestFindState:
    @given(PROGRESS, DAYS)
    def test_is_the_furthest_that_is_true(self, progress: Progress, today: date) -> None:
        state = find_state(progress, DUE, today)

        assert (state is RecipientState.FULFILLED) == (progress.fulfilled_at is not None)
        if progress.fulfilled_at is None:
            assert (state is RecipientState.OVERDUE) == (today > DUE)
            if today <= DUE:
                is_acknowledged = progress.acknowledged_at is not None
                assert (state is RecipientState.ACKNOWLEDGED) == is_acknowledged

    @given(PROGRESS)
    def test_never_says_sent_of_what_did_not_leave(self, progress: Progress) -> None:
        state = find_delivery(progress)

        assert (state is RecipientState.SENT) == (progress.sent_count > 0)
        nobody = progress.sent_count + progress.queued_count + progress.failed_count == 0
        assert (state is RecipientState.UNREACHABLE) == nobody


class TestCheckAsks:
    @given(st.sampled_from(SubjectKind), st.sampled_from([None, "a"]), st.sampled_from([None, "b"]))
    def test_takes_exactly_what_the_kind_needs(
        self, subject: SubjectKind, mechanism: str | None, office: str | None
    ) -> None:
        fits = {
            SubjectKind.ESTABLISH_MECHANISM: (mechanism, office) == ("a", None),
            SubjectKind.APPOINT_OFFICER: (mechanism, office) == (None, "b"),
            SubjectKind.SEND_CONTACTS: mechanism is None,
            SubjectKind.OTHER: (mechanism, office) == (None, None),
        }[subject]
        if fits:
            check_asks(subject, mechanism_kind=mechanism, office_kind=office)
            return
        with pytest.raises(AsksError):
            check_asks(subject, mechanism_kind=mechanism, office_kind=office)


class TestCheckTexts:
    def test_asks_for_serbian_once_whichever_letters_are_read(self) -> None:
        check_texts(SubjectKind.OTHER, {"sr-Latn": "a"}, {"sr-Latn": "b"}, ["sr-Cyrl", "sr-Latn"])

        with pytest.raises(TextsError) as refused:
            check_texts(SubjectKind.SEND_CONTACTS, None, {"sq": "a"}, ["sq", "sr-Cyrl"])
        assert [one.pointer for one in refused.value.errors] == ["/texts"]
        assert refused.value.params == {"languages": "`sr-Latn`"}

    def test_leaves_out_what_has_sentences_of_its_own(self) -> None:
        check_texts(SubjectKind.SEND_CONTACTS, None, None, ["sq"])


class TestCheckDue:
    def test_takes_today_and_no_day_before(self) -> None:
        check_due(DUE, DUE)
        with pytest.raises(DueError):
            check_due(DUE - timedelta(1), DUE)
