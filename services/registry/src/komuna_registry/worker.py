"""The registry's worker process: imports, exports and letters."""

from pathlib import Path

from komuna_registry.collections import make_collections
from komuna_registry.exports import DATASETS
from komuna_registry.municipal_notices.jobs import municipal_notice_schedules
from komuna_registry.notices.jobs import notice_jobs, notice_schedules
from komuna_registry.settings import Settings
from komuna_shared.exports import export_jobs
from komuna_shared.imports import import_jobs
from komuna_shared.languages import add_catalogue
from komuna_shared.worker import run_worker


def main() -> None:
    """Work until told to stop."""
    settings = Settings.model_validate({})
    add_catalogue(Path(__file__).parent / "locale")
    jobs = {
        **import_jobs(make_collections(settings)),
        **export_jobs(DATASETS),
        **notice_jobs(settings),
    }
    schedules = [*notice_schedules(), *municipal_notice_schedules()]
    run_worker("registry", settings, jobs=jobs, schedules=schedules)


if __name__ == "__main__":
    main()
