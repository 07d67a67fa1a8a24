"""The worker process of the indicators: imports, letters, and the copy of registry."""

from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.main import DATASETS, make_collections
from komuna_indicators.municipalities.operations import MUNICIPALITIES
from komuna_indicators.reminders.jobs import reminder_schedule
from komuna_indicators.settings import Settings
from komuna_indicators.submissions import jobs as submissions
from komuna_indicators.workbooks.jobs import FORGET_REFUSED
from komuna_shared.database import Database
from komuna_shared.exports import export_jobs
from komuna_shared.follower import ASSIGNMENTS, Follower
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.imports import import_jobs
from komuna_shared.worker import run_worker

_COPIED = {"assignment": ASSIGNMENTS, "municipality": MUNICIPALITIES}
_READING = "service.assignments.read"
_TELLING = "service.notices.write"


def main() -> None:
    """Work until told to stop."""
    settings = Settings.model_validate({})

    def follow(database: Database) -> Follower:
        return Follower(_registry(settings, _READING), database, _COPIED)

    telling = RegistryClient(_registry(settings, _TELLING))
    jobs = {
        **import_jobs(make_collections(settings)),
        **export_jobs(DATASETS),
        submissions.TELL: submissions.telling(telling),
    }
    schedules = (reminder_schedule(telling, settings.reminders_cron), FORGET_REFUSED)
    run_worker("indicators", settings, jobs=jobs, schedules=schedules, follower=follow)


def _registry(settings: Settings, scope: str) -> ServiceClient:
    secret = settings.client_secret
    credentials = ClientCredentials(
        settings.token_url,
        settings.client_id,
        "" if secret is None else secret.get_secret_value(),
        scope,
    )
    return ServiceClient(settings.registry_url, credentials=credentials)


if __name__ == "__main__":
    main()
