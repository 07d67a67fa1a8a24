"""What only the registry needs to be told."""

from pydantic import Field

from komuna_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """The settings of the registry."""

    frame_seconds: float = Field(
        default=1.0,
        ge=0,
        description="How long another process's change of municipalities may go unseen.",
    )
