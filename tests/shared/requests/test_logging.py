"""Log lines: only what is on the list, whoever writes them."""

import json
import logging

import pytest

from komuna_shared.logging import configure, error_of, log


class TestLog:
    def test_drops_what_is_not_on_the_list(self, capfd: pytest.CaptureFixture[str]) -> None:
        configure("sample")

        log.info("request", route="/v1/things", name="Drita", body={"name": "Drita"})

        line = json.loads(capfd.readouterr().out)
        assert line.pop("timestamp")
        expected = {"service": "sample", "event": "request", "level": "info"}
        assert line == expected | {"route": "/v1/things"}

    def test_keeps_nothing_of_a_library_but_its_name(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        configure("sample")

        logging.getLogger("asyncio").error("%s", "Drita", exc_info=ValueError("Drita"))

        line = json.loads(capfd.readouterr().out)
        assert line["code"] == "asyncio"
        assert line["error_type"] == "ValueError"
        assert "Drita" not in str(line)

    def test_is_quiet_below_its_level(self, capfd: pytest.CaptureFixture[str]) -> None:
        configure("sample", "WARNING")

        log.info("request")

        assert capfd.readouterr().out == ""


class TestErrorOf:
    def test_names_type_and_state_without_the_message(self) -> None:
        class FailedError(Exception):
            sqlstate = "23505"

        assert error_of(FailedError("Drita")) == {"error_type": "FailedError", "sqlstate": "23505"}
