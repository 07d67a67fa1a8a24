"""Which roles people hold."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do, for an institution, a municipality, or the whole."""

    FRONTEND = "frontend"
    MUNICIPAL_OFFICER = "municipal_officer"
    MUNICIPAL_ADMIN = "municipal_admin"
    ANALYST = "analyst"
    COORDINATOR = "coordinator"
    INSTITUTION_ADMIN = "institution_admin"
    INSTITUTION_REPORTER = "institution_reporter"
    AUDITOR = "auditor"
    DPO = "dpo"
    OPS = "ops"
    FIRST_RESPONDER = "first_responder"
    INVESTIGATOR = "investigator"
    ADVOCATE = "advocate"
    SOCIAL_WORKER = "social_worker"
    CASE_OWNER = "case_owner"
    SUPERVISOR = "supervisor"
    SHELTER_INTAKE = "shelter_intake"
    PROVIDER = "provider"
    PROSECUTOR_LIAISON = "prosecutor_liaison"
