"""Who a token speaks for, and every token that speaks for nobody."""

import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc.jwk import ECKey

from komuna_shared import keysets, tokens
from komuna_shared.errors import UnauthorizedError, UnavailableError
from komuna_shared.testing import Issuer
from komuna_shared.tokens import Verifier, bearer
from tests.shared.requests.sample import make_settings


class At(int):
    """Seconds from the moment of the test, not of its collection."""

    def resolved(self) -> int:
        return int(time.time()) + self


@pytest.fixture
async def verifier(issuer: Issuer, folder: Path) -> Verifier:
    return Verifier(make_settings(issuer, folder))


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    parts = [{"alg": "none", "typ": "at+jwt", "kid": "x"} | header, claims]
    encoded = [urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, ""])


class TestVerify:
    async def test_returns_whom_the_token_names(self, verifier: Verifier, issuer: Issuer) -> None:
        principal = await verifier.verify(issuer.token("persona:ops", ["a.read", "b.read"]))

        assert principal.subject == "persona:ops"
        assert principal.scopes == {"a.read", "b.read"}
        assert not principal.is_service

    async def test_knows_a_service_that_speaks_for_itself(
        self, verifier: Verifier, issuer: Issuer
    ) -> None:
        principal = await verifier.verify(issuer.service_token("referrals", ["service.x.read"]))

        assert principal.is_service

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": At(-60)},
            {"exp": At(-6), "iat": At(-100)},
            {"exp": None},
            {"exp": At(900)},
            {"exp": "never"},
            {"exp": True},
            {"iat": None},
            {"iat": At(60)},
            {"nbf": At(60)},
            {"iss": "https://elsewhere.example"},
            {"iss": None},
            {"aud": "another"},
            {"aud": ["komuna", "another"]},
            {"aud": None},
            {"sub": ""},
            {"sub": None},
            {"sub": 7},
            {"client_id": None},
            {"jti": None},
            {"scope": ["a"]},
            {"header": {"typ": "JWT"}},
            {"header": {"kid": "unknown"}},
            {"header": {"kid": "../../etc/passwd"}},
            {"header": {"jku": "https://elsewhere.example/keys"}},
            {"header": {"crit": ["kid"]}},
        ],
        ids=str,
    )
    async def test_refuses_what_is_not_meant_for_us_now(
        self, verifier: Verifier, issuer: Issuer, claims: dict[str, Any]
    ) -> None:
        now = {name: one.resolved() if isinstance(one, At) else one for name, one in claims.items()}

        with pytest.raises(UnauthorizedError):
            await verifier.verify(issuer.token("persona:ops", (), **now))

    async def test_refuses_a_forged_signature(self, verifier: Verifier, issuer: Issuer) -> None:
        forger = Issuer()
        forged = forger.token("persona:ops", header={"kid": issuer.key.kid})

        with pytest.raises(UnauthorizedError):
            await verifier.verify(forged)

    async def test_refuses_changed_claims(self, verifier: Verifier, issuer: Issuer) -> None:
        head, _, signature = issuer.token("persona:analyst").split(".")
        _, claims, _ = issuer.token("persona:ops").split(".")

        with pytest.raises(UnauthorizedError):
            await verifier.verify(f"{head}.{claims}.{signature}")

    @pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256"])
    async def test_refuses_other_algorithms(
        self, verifier: Verifier, issuer: Issuer, algorithm: str
    ) -> None:
        claims = {"iss": issuer.url, "sub": "persona:ops", "aud": "komuna", "client_id": "x"}
        claims |= {"jti": "1", "iat": "1", "exp": "60"}

        with pytest.raises(UnauthorizedError):
            await verifier.verify(unsigned(claims, alg=algorithm, kid=issuer.key.kid))

    @pytest.mark.parametrize("token", ["x", "a.b.c", "..", "é.b.c", "W10.W10.W10", "bnVsbA.a.b"])
    async def test_refuses_what_is_no_token(self, verifier: Verifier, token: str) -> None:
        with pytest.raises(UnauthorizedError):
            await verifier.verify(token)


class TestCached:
    async def test_answers_only_after_a_verification(
        self, verifier: Verifier, issuer: Issuer
    ) -> None:
        token = issuer.token("persona:ops")

        assert verifier.cached(token) is None
        principal = await verifier.verify(token)
        assert verifier.cached(token) is principal

    async def test_forgets_at_expiry(
        self, verifier: Verifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = issuer.token("persona:ops", exp=int(time.time()) + 20)
        await verifier.verify(token)

        later = time.time() + 21
        monkeypatch.setattr(time, "time", lambda: later)

        assert verifier.cached(token) is None

    async def test_forgets_after_a_minute(
        self, verifier: Verifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = issuer.token("persona:ops")
        await verifier.verify(token)

        later = time.time() + 61
        monkeypatch.setattr(time, "time", lambda: later)

        assert verifier.cached(token) is None

    async def test_is_bounded(
        self, verifier: Verifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tokens, "_MAX_CACHED", 3)
        made = [issuer.token(f"persona:{number}") for number in range(5)]

        for token in made:
            await verifier.verify(token)

        assert [verifier.cached(token) is not None for token in made] == [False, False] + 3 * [True]


class TestKeys:
    async def test_rotation_ends_the_old_key_and_what_it_signed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old, new = Issuer(), Issuer()
        verifier = Verifier(make_settings(old, tmp_path))
        signed = old.token("persona:ops")
        await verifier.verify(signed)

        new.jwks_file(tmp_path / "jwks.json")
        monkeypatch.setattr(keysets, "UNKNOWN_KID_EVERY", 0)
        await verifier.verify(new.token("persona:ops"))

        assert verifier.cached(signed) is None
        with pytest.raises(UnauthorizedError):
            await verifier.verify(signed)

    async def test_unknown_keys_do_not_become_a_stream_of_fetches(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issuer = Issuer()
        verifier = Verifier(make_settings(issuer, tmp_path))
        await verifier.verify(issuer.token("persona:ops"))
        fetched = 0
        fetch = keysets._fetch

        async def counted(url: str) -> bytes:
            nonlocal fetched
            fetched += 1
            return await fetch(url)

        monkeypatch.setattr(keysets, "_fetch", counted)
        for number in range(20):
            with pytest.raises(UnauthorizedError):
                await verifier.verify(issuer.token("persona:ops", header={"kid": f"k{number}"}))

        assert fetched == 0

    async def test_without_keys_nobody_is_told_they_are_wrong(self, tmp_path: Path) -> None:
        issuer = Issuer()
        settings = make_settings(issuer, tmp_path, jwks_url=(tmp_path / "none.json").as_uri())
        verifier = Verifier(settings)

        assert not verifier.is_ready
        with pytest.raises(UnavailableError):
            await verifier.verify(issuer.token("persona:ops"))

    async def test_reads_elliptic_curve_keys_too(self, tmp_path: Path) -> None:
        issuer = Issuer()
        key = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
        published = {"keys": [key.as_dict(private=False), {"kty": "RSA", "kid": "r"}]}
        settings = make_settings(issuer, tmp_path)
        (tmp_path / "jwks.json").write_bytes(orjson.dumps(published))
        issuer.key = key  # type: ignore[assignment]

        principal = await Verifier(settings).verify(
            issuer.token("persona:ops", header={"alg": "ES256"})
        )

        assert principal.subject == "persona:ops"


class TestBearer:
    def test_reads_the_token(self) -> None:
        assert bearer(b"Bearer abc") == "abc"
        assert bearer(b"bearer abc") == "abc"
        assert bearer(None) is None

    @pytest.mark.parametrize(
        "header", [b"Basic abc", b"Bearer", b"Bearer " + b"a" * 9000, b"", "Bearer é".encode()]
    )
    def test_refuses_anything_else(self, header: bytes) -> None:
        with pytest.raises(UnauthorizedError):
            bearer(header)
