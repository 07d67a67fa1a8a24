"""Wherever something is named, the answer says in which language."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_registry.labels import labelled

LISTS = (
    "municipalities",
    "regions",
    "settlements",
    "languages-owed",
    "institutions",
    "memberships",
    "mechanism-kinds",
    "mechanisms",
    "mechanisms/coverage?kind=cc&as_of=2020-12-31",
    "offices",
    "office-kinds",
    "directory/services",
)


def named(value: Any) -> list[dict[str, Any]]:
    """Return every part of an answer that has a label."""
    if isinstance(value, list):
        return [part for one in value for part in named(one)]
    if not isinstance(value, dict):
        return []
    inner = [part for one in value.values() for part in named(one)]
    return [value, *inner] if "label" in value else inner


class TestLabelled:
    @pytest.mark.parametrize(
        ("names", "language", "label", "used"),
        [
            ({"sq": "Ministria", "en": "Ministry"}, "sq", "Ministria", "sq"),
            ({"en": "Ministry"}, "sq", "Ministry", "en"),
            ({"sr-Latn": "Uprava"}, "sr-Cyrl", "Управа", "sr-Cyrl"),
            ({"tr": "Belediye"}, "en", "Belediye", "tr"),
        ],
    )
    def test_says_which_language_it_became(
        self, names: dict[str, str], language: str, label: str, used: str
    ) -> None:
        assert labelled(names, language) == {"label": label, "label_language": used}


class TestAnswers:
    @pytest.mark.parametrize("path", LISTS)
    async def test_say_in_which_language_each_thing_is_named(
        self, reads: AsyncClient, path: str
    ) -> None:
        answer = await reads.get(f"/v1/{path}", headers={"Accept-Language": "sr-Latn"})

        found = named(answer.json())
        assert answer.headers["content-language"] == "sr-Latn"
        assert found
        for one in found:
            assert "label_language" in one, one
            names = one.get("names", {})
            used = one["label_language"]
            assert not names or used == "sr-Latn" or "sr-Latn" not in names
            assert used not in names or names[used] == one["label"]
