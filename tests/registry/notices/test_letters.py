"""A letter as it leaves."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import komuna_registry
from komuna_registry.notices.letters import Letter, write_letter
from komuna_registry.notices.rules import Template, find_address
from komuna_shared.languages import LANGUAGES, add_catalogue

NUMBER = UUID("0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1")
WRITTEN = datetime(2026, 7, 16, 6, tzinfo=UTC)
PARAMS: dict[Template, dict[str, Any]] = {
    Template.REPORT_DUE: {"obligation": "posts", "period": "2026-S1", "due_on": "2026-07-15"},
    Template.REPORT_OVERDUE: {"obligation": "posts", "period": "2026-S1", "due_on": "2026-07-15"},
    Template.SUBMISSION_RETURNED: {
        "submission": str(NUMBER),
        "obligation": "posts",
        "period": "2026-S1",
    },
    Template.REFERRAL_WAITING: {"referral": str(NUMBER)},
    **{
        template: {"municipal_notice": str(NUMBER), "due_on": "2026-07-15"}
        for template in (
            Template.OFFICER_ASKED,
            Template.MECHANISM_ASKED,
            Template.CONTACTS_ASKED,
            Template.LETTER_WAITING,
            Template.REQUEST_OVERDUE,
        )
    },
}
URL = "https://komuna.example.org"
HEADERS = {
    *("Subject", "From", "To", "Date", "Message-ID", "Content-Language", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
}


@pytest.fixture(scope="module", autouse=True)
def catalogue() -> None:
    add_catalogue(Path(komuna_registry.__file__).parent / "locale")


def letter(template: Template, language: str | None, address: str = "a@b.example") -> Letter:
    return Letter(NUMBER, template, PARAMS[template], address, language, WRITTEN)


def written(one: Letter) -> Any:
    """Return a letter as a reader's program takes it apart."""
    message = write_letter(one, sender="komuna@komuna.example.org", public_url=URL)
    return message_from_bytes(message.as_bytes(policy=SMTP), policy=SMTP)


class TestWriteLetter:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("template", Template)
    def test_speaks_the_language_of_the_reader(self, template: Template, language: str) -> None:
        found = written(letter(template, language))
        others = [written(letter(template, other)) for other in LANGUAGES if other != language]

        assert found["Content-Language"] == language
        body = found.get_content()
        assert body not in {other.get_content() for other in others}
        assert all(str(value) in body for value in PARAMS[template].values())
        assert found["Subject"] not in {other["Subject"] for other in others}
        if language == "sr-Cyrl":
            assert re.search("[\u0400-\u04ff]", found["Subject"])

    @pytest.mark.parametrize("language", [None, "de"])
    def test_speaks_albanian_where_the_account_does_not_say(self, language: str | None) -> None:
        assert written(letter(Template.REPORT_OVERDUE, language))["Content-Language"] == "sq"

    def test_says_of_a_referral_its_number_alone(self) -> None:
        for language in LANGUAGES:
            found = written(letter(Template.REFERRAL_WAITING, language))

            said = (found["Subject"] + found.get_content()).replace(str(NUMBER), "").lower()
            assert f"{URL}/\r\n" in found.get_content()
            for word in ("referral", "case", "victim", "traffick", "refer", "upućiv", "viktim"):
                assert word not in said

    def test_is_the_same_when_it_is_written_again(self) -> None:
        one = letter(Template.REPORT_OVERDUE, "sq")

        assert written(one).as_bytes() == written(one).as_bytes()
        assert written(one)["Message-ID"] == f"<{NUMBER}@komuna.example.org>"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_is_ascii_in_short_lines_on_its_way(self, language: str) -> None:
        for template in Template:
            one = letter(template, language)
            message = write_letter(one, sender="k@k.example", public_url=URL)

            sent = message.as_bytes(policy=SMTP)
            assert sent.isascii()
            assert max(len(line) for line in sent.split(b"\r\n")) <= 998

    def test_asks_for_no_answer_by_machine(self) -> None:
        assert written(letter(Template.REPORT_DUE, "en"))["Auto-Submitted"] == "auto-generated"

    @given(
        st.text()
        | st.from_regex(r"[a-z]+@[a-z]+(\r?\n[A-Z][a-z]+: .+)?", fullmatch=True)
        | st.emails()
    )
    def test_has_one_receiver_and_its_own_headers_whatever_the_contact_is(
        self, contact: str
    ) -> None:
        address = find_address(contact)
        if address is None:
            return

        found = written(letter(Template.REPORT_OVERDUE, "sq", address))

        assert set(found.keys()) == HEADERS
        assert len(found.keys()) == len(HEADERS)
        assert [f"{one.username}@{one.domain}" for one in found["To"].addresses] == [contact]
