"""The process beside the web process: it keeps this service's copy of who holds which role."""

from functools import partial

from komuna_referrals.keystore.jobs import sweeping
from komuna_referrals.settings import WorkerSettings
from komuna_shared.database import Database
from komuna_shared.follower import ASSIGNMENTS, Follower
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.worker import run_worker

_DEADLINE = 10.0


def follow_registry(settings: WorkerSettings, database: Database) -> Follower:
    """Return what copies the assignments that registry gives to services."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    credentials = ClientCredentials(
        settings.token_url, settings.client_id, secret, "service.assignments.read"
    )
    client = ServiceClient(settings.registry_url, credentials=credentials, deadline=_DEADLINE)
    return Follower(client, database, {"assignment": ASSIGNMENTS})


def main() -> None:
    """Work until told to stop."""
    settings = WorkerSettings()
    run_worker(
        "referrals",
        settings,
        jobs={},
        schedules=[sweeping(settings.keystore_url.get_secret_value())],
        follower=partial(follow_registry, settings),
    )


if __name__ == "__main__":
    main()
