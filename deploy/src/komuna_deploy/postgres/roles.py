"""The rooms in a database: who owns which schema, who may do what in it, as SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

from . import scram

DATABASE = "komuna"
EXTENSIONS = ("btree_gist", "pg_trgm")
# Rooms whose rows Postgres shows only to who proves for whom they act.
_WALLED = frozenset({"referrals"})


@dataclass(frozen=True)
class Room:
    """One schema with its three roles; the name of the schema begins theirs."""

    name: str
    database: str

    @property
    def owner(self) -> str:
        """Owns every object; nobody logs in as it."""
        return f"{self.name}_owner"

    @property
    def migrate(self) -> str:
        """Logs in to change the schema and becomes the owner."""
        return f"{self.name}_migrate"

    @property
    def app(self) -> str:
        """Logs in to read and write rows, nothing else."""
        return f"{self.name}_app"

    @property
    def is_walled(self) -> bool:
        """Whether a second wall stands in it; then its worker is not its app."""
        return self.name in _WALLED

    @property
    def worker(self) -> str:
        """Logs in to do what no caller asked for, with the columns that takes."""
        return f"{self.name}_worker"

    @property
    def context(self) -> str:
        """Owns the wall: its keys and what checks a ticket; nobody logs in as it."""
        return f"{self.name}_ctx"

    @property
    def logins(self) -> tuple[str, ...]:
        """The roles that have a password."""
        both = (self.migrate, self.app)
        return (*both, self.worker) if self.is_walled else both


SERVICE_ROOMS = tuple(Room(name, DATABASE) for name in ("registry", "indicators", "referrals"))
# A database each: whoever may read the catalogue of one learns nothing of the other.
KEYSTORE_ROOMS = tuple(
    Room(f"keystore_{name}", f"keystore_{name}") for name in ("referrals", "indicators")
)

_APP_SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}
_MIGRATE_SETTINGS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "60s"}
_KEYS = """create table if not exists ctx.keys (
    kid text primary key,
    ipad bytea not null check (length(ipad) = 64),
    opad bytea not null check (length(opad) = 64),
    made_at timestamptz not null default clock_timestamp()
)"""
_SEAL = """insert into ctx.keys (kid, ipad, opad) values ('self', {block}, {block})
on conflict (kid) do nothing""".replace(
    "{block}", " || ".join(["uuid_send(gen_random_uuid())"] * 4)
)


def role_settings(room: Room) -> dict[str, dict[str, str]]:
    """Return what each role of a room is set to in the room's database."""
    path = {"search_path": f"{room.name}, extensions"}
    return {
        room.owner: path,
        room.migrate: {**path, "role": room.owner, **_MIGRATE_SETTINGS},
        room.app: {**path, **_APP_SETTINGS},
        **({room.worker: {**path, **_APP_SETTINGS}} if room.is_walled else {}),
    }


def role_statements(room: Room, passwords: Mapping[str, str]) -> list[str]:
    """Return what makes the roles of a room; they belong to the whole server."""
    statements = [_unless_role(room.owner, "nologin")]
    for login in room.logins:
        statements += [
            _unless_role(login, "login noinherit"),
            f"alter role {login} password '{scram.verifier(passwords[login])}'",
        ]
    becomes = [room.owner]
    if room.is_walled:
        statements.append(_unless_role(room.context, "nologin"))
        becomes.append(room.context)
    return [
        *statements,
        *(f"grant {role} to {room.migrate} with inherit false, set true" for role in becomes),
    ]


def database_statements(database: str) -> list[str]:
    """Return what closes a database to everyone and gives it its extensions."""
    return [
        f"revoke all on database {database} from public",
        "revoke all on schema public from public",
        "create schema if not exists extensions",
        *(f"create extension if not exists {one} schema extensions" for one in EXTENSIONS),
    ]


def room_statements(room: Room, *, superuser: bool) -> list[str]:
    """Return what makes one room inside its database."""
    tables = f"alter default privileges for role {room.owner} in schema {room.name}"
    # Only a superuser may make objects for a role it is not a member of.
    joins = [] if superuser else [f"grant {room.owner} to current_user with inherit true, set true"]
    return [
        *joins,
        f"grant connect on database {room.database} to {', '.join(room.logins)}",
        f"create schema if not exists {room.name} authorization {room.owner}",
        f"grant usage on schema {room.name} to {room.app}",
        f"grant usage on schema extensions to {room.owner}, {', '.join(room.logins)}",
        # The global form: "in schema" cannot take back what PUBLIC is given by default.
        f"alter default privileges for role {room.owner} revoke execute on functions from public",
        f"{tables} grant select, insert, update, delete on tables to {room.app}",
        f"{tables} grant usage, select on sequences to {room.app}",
        *(_wall_statements(room, superuser=superuser) if room.is_walled else []),
        *_setting_statements(room),
    ]


def _wall_statements(room: Room, *, superuser: bool) -> list[str]:
    """Return what makes the place of the wall's keys; migrations make what uses them.

    An HMAC needs its key padded twice and no more, so the key itself is not here. The gateway's
    is put in by `tickets.install`; that of the seal is made here and never leaves the database:
    two blocks of its own instead of one key padded twice, which is as good.
    """
    grant = f"grant {room.context} to current_user with inherit true, set true"
    return [
        *([] if superuser else [grant]),
        f"create schema if not exists ctx authorization {room.context}",
        f"grant usage on schema ctx to {room.owner}, {room.app}",
        f"grant usage on schema {room.name} to {room.worker}, {room.context}",
        f"alter default privileges for role {room.context} revoke execute on functions from public",
        _KEYS,
        f"alter table ctx.keys owner to {room.context}",
        _SEAL,
    ]


def _setting_statements(room: Room) -> list[str]:
    return [
        f"alter role {role} in database {room.database} set {name} = {_literal(name, value)}"
        for role, settings in role_settings(room).items()
        for name, value in settings.items()
    ]


def _literal(name: str, value: str) -> str:
    # A quoted search_path would be one schema with a comma in its name.
    return value if name == "search_path" else f"'{value}'"


def _unless_role(role: str, options: str) -> str:
    return (
        f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') "
        f"then create role {role} {options}; end if; end $$"
    )
