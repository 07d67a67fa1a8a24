"""Print, for a shell to evaluate, the settings by which uv finds packages where pip finds them.

Only the standard library is used: this runs before anything is installed, also where pip is not.
"""

import configparser
import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What uv calls the same thing: the name that is set here, then names that would contradict it.
UV_NAMES = {
    "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "find-links": ("UV_FIND_LINKS",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "constraint": ("UV_CONSTRAINT",),
    "proxy": ("ALL_PROXY",),
    "timeout": ("UV_HTTP_TIMEOUT",),
}
PATHS = ("cert", "client-cert", "constraint")
SEPARATORS = {"find-links": ",", "extra-index-url": " ", "constraint": " ", "trusted-host": " "}


def config_files(environment: Mapping[str, str]) -> list[Path]:
    """Return pip's configuration files, the weakest first."""
    chosen = environment.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return []
    home = Path(environment.get("HOME") or "/")
    shared = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    own = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    apple = Path("Library/Application Support/pip/pip.conf")
    files = [Path(folder) / "pip" / "pip.conf" for folder in shared.split(":")]
    files += [Path("/") / apple, Path("/etc/pip.conf")]
    files += [home / ".pip" / "pip.conf", home / apple, own / "pip" / "pip.conf"]
    files += [Path(environment["VIRTUAL_ENV"]) / "pip.conf"] if "VIRTUAL_ENV" in environment else []
    return [*files, Path(chosen)] if chosen else files


def pip_settings(files: Iterable[Path], environment: Mapping[str, str]) -> dict[str, str]:
    """Return what pip's install command would go by: files, then the environment over them."""
    parser = configparser.RawConfigParser()
    parser.read([file for file in files if os.access(file, os.R_OK)], encoding="utf-8")
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {name.replace("_", "-"): value for name, value in parser.items(section)}
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            found[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return found


def is_dead(place: str) -> bool:
    """Tell whether a place on this machine's disk is gone; a place elsewhere is never judged."""
    parts = urlsplit(place)
    if parts.scheme == "file":
        return not Path(unquote(parts.path)).exists()
    return not parts.scheme and not Path(place).expanduser().exists()


def uv_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return what uv must be told; what uv was told already stays as it is."""
    told: dict[str, str] = {}
    for name, uv_names in UV_NAMES.items():
        values = pip.get(name, "").split()
        if name in PATHS or name.endswith("-url") or name == "find-links":
            values = [value for value in values if not is_dead(value)]
        if values and not any(environment.get(uv_name) for uv_name in uv_names):
            told[uv_names[0]] = SEPARATORS.get(name, " ").join(values)
    # Pip looks at all indexes alike. The lock's hashes make that safe: no index can slip in a file.
    if "UV_INDEX" in told and not environment.get("UV_INDEX_STRATEGY"):
        told["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if pip.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        told["KOMUNA_NO_INDEX"] = "--no-index"
    return told


def main() -> None:
    """Print one `export` line for each setting."""
    environment = dict(os.environ)
    pip = pip_settings(config_files(environment), environment)
    for name, value in uv_settings(pip, environment).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


if __name__ == "__main__":
    main()
