"""Passwords as the server keeps them."""

import base64

import asyncpg
import pytest

from komuna_deploy.postgres import cluster, scram


class TestVerifier:
    def test_is_the_one_of_rfc_7677(self) -> None:
        salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
        assert scram.verifier("pencil", salt=salt, rounds=4096) == (
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
            "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
            ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        )

    async def test_lets_the_password_in_and_no_other(self, server: cluster.Server) -> None:
        admin = await asyncpg.connect(server.dsn())
        await admin.execute(f"create role guest login password '{scram.verifier('word')}'")
        await admin.close()

        await (await asyncpg.connect(server.dsn(), user="guest", password="word")).close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn(), user="guest", password="sword")
