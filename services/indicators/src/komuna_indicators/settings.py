"""What only this service needs to be told."""

from komuna_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """The settings of the indicators service."""

    catalogue_seconds: float = 1.0
    """How long another process's change of the catalogue may go unseen; 0 asks each time."""
    reminders_cron: str = "*/10 * * * *"
    """When missing reports are looked for and reminders sent; a sixth field is for seconds."""
