"""Run the development issuer on loopback."""

import sys

import uvicorn

from komuna_deploy.errors import OperatorError
from komuna_deploy.home import Home
from komuna_deploy.settings import Settings, read_settings

from .app import create_app


def main() -> None:
    """Serve until told to stop."""
    try:
        settings = read_settings()
        refuse_production(settings)
    except OperatorError as error:
        sys.exit(f"{error.message} {error.advice}")
    app = create_app(settings.issuer_url, Home(settings.home))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=settings.ports.issuer,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


def refuse_production(settings: Settings) -> None:
    """Raise in production: these tokens let anyone on the machine be anyone."""
    if settings.production:
        raise OperatorError(
            "The development issuer does not run in production.",
            "Set KOMUNA_ISSUER and KOMUNA_JWKS_URL to your identity provider.",
        )


if __name__ == "__main__":
    main()
