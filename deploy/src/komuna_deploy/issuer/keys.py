"""The issuer's signing key, kept between starts."""

import json
import secrets
from typing import Any

from joserfc.jwk import OKPKey

from komuna_deploy.home import Home

_NAME = "issuer_key"


def load_key(home: Home) -> OKPKey:
    """Return the key, making it the first time."""
    kept = home.secret(_NAME, _new_key)
    return OKPKey.import_key(json.loads(kept))


def public_keys(key: OKPKey) -> dict[str, Any]:
    """Return the JWKS document others verify with."""
    public = {**key.as_dict(private=False), "use": "sig", "alg": "EdDSA"}
    return {"keys": [public]}


def write_public_keys(home: Home) -> str:
    """Keep the JWKS document beside the key and return its address as a file."""
    document = json.dumps(public_keys(load_key(home)))
    return home.write_secret("jwks.json", document).as_uri()


def _new_key() -> str:
    key = OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8)})
    return json.dumps(key.as_dict(private=True))
