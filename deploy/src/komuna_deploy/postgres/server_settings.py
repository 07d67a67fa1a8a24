"""How our own servers are set, on their command line, where no later ALTER SYSTEM wins."""

# An ERROR's own text may quote a value, so errors are not logged by the server at all: the
# service that caused one logs its SQLSTATE. LOG, FATAL and PANIC remain.
ALWAYS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "wal_log_hints": "on",
}

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
FLEETING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

USUAL = {"max_connections": "200", "shared_buffers": "128MB"}
SMALL = {"max_connections": "60", "shared_buffers": "32MB"}


def wanted(*, durable: bool = True, small: bool = False) -> dict[str, str]:
    """Return every setting we give a server of our own."""
    return {**ALWAYS, **(DURABLE if durable else FLEETING), **(SMALL if small else USUAL)}


def options(*, durable: bool, small: bool) -> tuple[str, ...]:
    """Return the same as options of `postgres`."""
    pairs = wanted(durable=durable, small=small).items()
    return tuple(part for name, value in pairs for part in ("-c", f"{name}={value}"))
