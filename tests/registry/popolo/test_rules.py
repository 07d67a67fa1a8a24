"""How our dates and codes are written in Popolo."""

import pytest

from komuna_registry.popolo.rules import popolo_date


class TestPopoloDate:
    @pytest.mark.parametrize("written", ["2005", "2005-06", "2005-06-30"])
    def test_is_as_precise_as_the_source(self, written: str) -> None:
        assert popolo_date(written) == written

    @pytest.mark.parametrize("written", [None, "2005..2008", "..1999", "2008..2010-06"])
    def test_is_none_where_a_source_leaves_it_open(self, written: str | None) -> None:
        assert popolo_date(written) is None
