"""The worker process of the indicators: imports, and the copy of what registry knows."""

from komuna_indicators.main import DATASETS, make_collections
from komuna_indicators.municipalities.operations import MUNICIPALITIES
from komuna_indicators.settings import Settings
from komuna_shared.database import Database
from komuna_shared.exports import export_jobs
from komuna_shared.follower import ASSIGNMENTS, Follower
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.imports import import_jobs
from komuna_shared.worker import run_worker

_COPIED = {"assignment": ASSIGNMENTS, "municipality": MUNICIPALITIES}
_SCOPE = "service.assignments.read"


def main() -> None:
    """Work until told to stop."""
    settings = Settings.model_validate({})

    def follow(database: Database) -> Follower:
        secret = settings.client_secret
        credentials = ClientCredentials(
            settings.token_url,
            settings.client_id,
            "" if secret is None else secret.get_secret_value(),
            _SCOPE,
        )
        registry = ServiceClient(settings.registry_url, credentials=credentials)
        return Follower(registry, database, _COPIED)

    jobs = {**import_jobs(make_collections(settings)), **export_jobs(DATASETS)}
    run_worker("indicators", settings, jobs=jobs, follower=follow)


if __name__ == "__main__":
    main()
