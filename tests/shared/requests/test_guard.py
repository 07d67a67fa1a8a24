"""What a request must be before FastAPI sees it: caller, query, format, language."""

from collections.abc import Callable

import httpx
import pytest

from komuna_shared.guard import accepts
from komuna_shared.testing import Issuer
from tests.shared.requests.sockets import code_of

Call = Callable[..., dict[str, str]]
READ = "sample.things.read"
WRITE = "sample.things.write"
ONE = "/v1/things/9b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11"


class TestCaller:
    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/v1/things"), ("POST", "/v1/things"), ("PUT", ONE), ("GET", "/v1/feed")],
    )
    async def test_without_a_token_is_401(
        self, client: httpx.AsyncClient, method: str, path: str
    ) -> None:
        answer = await client.request(method, path, content=b"{ nonsense")

        assert code_of(answer) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == 'Bearer realm="komuna"'

    @pytest.mark.parametrize("path", ["/v1/things", "/v1/things/public"])
    async def test_with_a_bad_token_is_401_even_where_none_is_needed(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(path, headers={"authorization": "Bearer nobody"})

        assert code_of(answer) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]

    async def test_without_the_scope_is_403(self, client: httpx.AsyncClient, call: Call) -> None:
        answer = await client.get("/v1/things", headers=call(WRITE))

        assert code_of(answer) == (403, "insufficient_scope")
        assert f'scope="{READ}"' in answer.headers["www-authenticate"]

    async def test_service_is_refused_where_a_person_is_meant(
        self, client: httpx.AsyncClient, issuer: Issuer
    ) -> None:
        token = issuer.service_token("indicators", [READ, "service.things.read"])
        headers = {"authorization": f"Bearer {token}"}

        assert code_of(await client.get("/v1/things", headers=headers))[0] == 403
        assert (await client.get("/v1/feed", headers=headers)).status_code == 200

    async def test_person_is_refused_where_a_service_is_meant(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/feed", headers=call("service.things.read"))

        assert code_of(answer) == (403, "wrong_kind_of_token")

    async def test_is_known_on_public_routes_too(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things/public", headers=call())

        assert answer.json()["title"] == "persona:tests reads en"


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("sizes=1", "unknown_parameter"),
            ("size=1&size=2", "repeated_parameter"),
            ("size=", "invalid_parameter"),
            ("size=one", "invalid_parameter"),
            ("lang=de", "unknown_language"),
            ("lang=en&lang=sq", "repeated_parameter"),
        ],
    )
    async def test_refuses(
        self, client: httpx.AsyncClient, call: Call, query: str, code: str
    ) -> None:
        answer = await client.get(f"/v1/things?{query}", headers=call(READ))

        assert code_of(answer) == (400, code)

    async def test_says_which_parameter_is_wrong(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things?size=one&lang=en", headers=call(READ))

        [error] = answer.json()["errors"]
        assert error == {
            "pointer": "/query/size",
            "code": "int_parsing",
            "detail": "This is not a whole number.",
        }

    async def test_says_which_parameters_exist(self, client: httpx.AsyncClient, call: Call) -> None:
        answer = await client.get("/v1/things?sizes=1", headers=call(READ))

        assert answer.json()["errors"][0]["detail"].endswith("`kind`, `lang`, `size`.")

    async def test_takes_a_list_where_a_list_is_meant(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things?kind=a&kind=b", headers=call(READ))

        assert answer.json()[0]["title"].endswith("['a', 'b']")

    async def test_header_of_the_wrong_form_is_400(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        answer = await client.get("/v1/things", headers=call(READ) | {"flavour": "sweet"})

        assert code_of(answer) == (400, "invalid_parameter")
        assert answer.json()["errors"][0]["pointer"] == "/header/flavour"


class TestFormat:
    @pytest.mark.parametrize(
        ("accept", "status"),
        [
            ("*/*", 200),
            ("application/json", 200),
            ("application/*;q=0.2", 200),
            ("text/html, application/json;q=0.1", 200),
            ("text/html", 406),
            ("application/json;q=0", 406),
            ("*/*, application/json;q=0", 406),
        ],
    )
    async def test_of_the_answer_is_one_the_caller_takes(
        self, client: httpx.AsyncClient, call: Call, accept: str, status: int
    ) -> None:
        answer = await client.get("/v1/things", headers=call(READ) | {"accept": accept})

        assert answer.status_code == status

    @pytest.mark.parametrize(
        ("query", "accept", "chosen"),
        [
            ("", "*/*", "json"),
            ("", "text/csv", "csv"),
            ("?format=csv", "application/json", "csv"),
            ("?format=xlsx", "*/*", "406"),
            ("", "image/png", "406"),
        ],
    )
    async def test_of_a_report_is_chosen(
        self, client: httpx.AsyncClient, call: Call, query: str, accept: str, chosen: str
    ) -> None:
        answer = await client.get(
            f"/v1/things/report{query}", headers=call(READ) | {"accept": accept}
        )

        assert (answer.text if answer.status_code == 200 else str(answer.status_code)) == chosen

    def test_malformed_weight_is_no_weight(self) -> None:
        assert not accepts(b"application/json;q=much", "application/json")


class TestLanguage:
    @pytest.mark.parametrize(
        ("query", "header", "language", "title"),
        [
            ("", "", "sq", "Nuk u gjet"),
            ("", "sr", "sr-Latn", "Nije pronađeno"),
            ("", "sr-Cyrl-RS, en", "sr-Cyrl", "Није пронађено"),
            ("", "en-GB", "en", "Not found"),
            ("?lang=sr", "en", "sr-Latn", "Nije pronađeno"),
            ("", "de, fr;q=0.5", "sq", "Nuk u gjet"),
        ],
    )
    async def test_of_problems_is_the_callers(
        self, client: httpx.AsyncClient, query: str, header: str, language: str, title: str
    ) -> None:
        answer = await client.get(f"/v1/nothing{query}", headers={"accept-language": header})

        assert answer.headers["content-language"] == language
        assert answer.headers["vary"] == "Accept, Accept-Language"
        assert answer.json()["title"] == title
