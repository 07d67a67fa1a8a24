"""What a letter may be filled with, where it goes, and how long it is tried."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.notices.rules import (
    LINKS,
    WORDINGS,
    NoticeParamsError,
    Template,
    check_params,
    find_address,
    find_wait,
)

NAMES = ["obligation", "period", "due_on", "submission", "referral", "municipal_notice"]
NEEDED = {
    Template.REPORT_DUE: {"obligation", "period", "due_on"},
    Template.REPORT_OVERDUE: {"obligation", "period", "due_on"},
    Template.SUBMISSION_RETURNED: {"submission", "obligation", "period"},
    Template.REFERRAL_WAITING: {"referral"},
    Template.OFFICER_ASKED: {"municipal_notice", "due_on"},
    Template.MECHANISM_ASKED: {"municipal_notice", "due_on"},
    Template.CONTACTS_ASKED: {"municipal_notice", "due_on"},
    Template.LETTER_WAITING: {"municipal_notice", "due_on"},
    Template.REQUEST_OVERDUE: {"municipal_notice", "due_on"},
}


class TestCheckParams:
    @given(st.sampled_from(Template), st.sets(st.sampled_from(NAMES)))
    def test_takes_what_the_template_needs_and_nothing_else(
        self, template: Template, names: set[str]
    ) -> None:
        if names == NEEDED[template]:
            check_params(template, names)
            return
        with pytest.raises(NoticeParamsError) as refused:
            check_params(template, names)
        pointers = {one.pointer for one in refused.value.errors}
        assert pointers == {f"/params/{name}" for name in names ^ NEEDED[template]}

    @pytest.mark.parametrize("template", Template)
    def test_leaves_no_placeholder_of_a_wording_empty(self, template: Template) -> None:
        params = {name: name for name in NEEDED[template]}

        link = LINKS[template].format_map(params)
        WORDINGS[template].body.format_map({**params, "link": link})
        assert "{" not in WORDINGS[template].subject


class TestFindAddress:
    @pytest.mark.parametrize(
        "contact", ["municipal-officer@prishtine.example", "a.b+c@x.y.example", "root@localhost"]
    )
    def test_takes_an_address(self, contact: str) -> None:
        assert find_address(contact) == contact

    @pytest.mark.parametrize(
        "contact",
        [
            *(None, "", "+383 38 000 000", "a@", "@b", "a@b@c", "a b@c", "a@b,c@d", "<a@b>"),
            *("a@b\r\nBcc: c@d", "a@b\n", "a..b@c", ".a@b", "a@-b", "a@b..c", "ä@b", '"a"@b'),
            *("a" * 65 + "@b", "a@" + "b" * 253, "a@b;c", "a(b)@c"),
        ],
    )
    def test_takes_nothing_else(self, contact: str | None) -> None:
        assert find_address(contact) is None

    @given(st.text() | st.from_regex(r"[\s\S]*@[\s\S]*"))
    def test_never_lets_a_second_line_or_receiver_through(self, contact: str) -> None:
        found = find_address(contact)

        if found is not None:
            assert found == contact
            assert found.isascii()
            assert found.count("@") == 1
            assert not set(found) & set(' \t\r\n\0,;:<>()[]"\\')


class TestFindWait:
    def test_grows_and_ends(self) -> None:
        waits = [find_wait(attempts) for attempts in range(1, 10)]

        assert waits[-2:] == [None, None]
        tried = [wait for wait in waits if wait is not None]
        assert tried == sorted(tried)
        assert timedelta(hours=20) < sum(tried, timedelta()) < timedelta(hours=24)
