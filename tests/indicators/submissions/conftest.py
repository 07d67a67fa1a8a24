"""Registry beside the submissions whose officers it tells."""

from tests.indicators.reminders.conftest import (
    client_of,
    empty_registry,
    registry_database,
    run_registry,
    token_url,
)

__all__ = ["client_of", "empty_registry", "registry_database", "run_registry", "token_url"]
