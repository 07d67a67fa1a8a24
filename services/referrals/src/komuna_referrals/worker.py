"""The process beside the web process: it copies who holds which role, and does what can wait."""

from functools import partial

from komuna_referrals.clients.registry import RegistryClient
from komuna_referrals.consents.expiry import ends_by_clock
from komuna_referrals.consents.jobs import REVOKE, revoking
from komuna_referrals.keystore.jobs import sweeping
from komuna_referrals.referrals.jobs import TELL, telling
from komuna_referrals.settings import WorkerSettings
from komuna_shared.database import Database
from komuna_shared.follower import ASSIGNMENTS, Follower
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.worker import run_worker

_DEADLINE = 10.0


def follow_registry(settings: WorkerSettings, database: Database) -> Follower:
    """Return what copies the assignments that registry gives to services."""
    client = _ask_registry(settings, "service.assignments.read")
    return Follower(client, database, {"assignment": ASSIGNMENTS})


def _ask_registry(settings: WorkerSettings, scope: str) -> ServiceClient:
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    credentials = ClientCredentials(settings.token_url, settings.client_id, secret, scope)
    return ServiceClient(settings.registry_url, credentials=credentials, deadline=_DEADLINE)


def main() -> None:
    """Work until told to stop."""
    settings = WorkerSettings()
    keystore = settings.keystore_url.get_secret_value()
    run_worker(
        "referrals",
        settings,
        jobs={
            REVOKE: revoking(keystore),
            TELL: telling(RegistryClient(_ask_registry(settings, "service.notices.write"))),
        },
        schedules=[ends_by_clock(), sweeping(keystore)],
        follower=partial(follow_registry, settings),
    )


if __name__ == "__main__":
    main()
