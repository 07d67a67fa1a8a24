#!/bin/sh
# Makes .venv from a lock. Twice costs nothing: a stamp says what the environment was made from.
#
#   sh deploy/bootstrap.sh run    what Komuna needs to run
#   sh deploy/bootstrap.sh dev    that and the developer's tools
#   sh deploy/bootstrap.sh uv ... uv itself, with the package settings of this machine
#
# It wants Python 3.11 to 3.14 and a package index. uv is used where it is, else put into .tools by
# pip, in a private environment or, where Python has no venv, into a folder.
set -eu

UV_SERIES=0.13 # The build backend is pinned to the same series: see the members' pyproject.toml.
MEMBERS="shared gateway services/registry services/indicators services/referrals deploy"

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
purpose=${1:-run}

stop() {
    printf 'komuna: %s\n' "$1" >&2
    exit 1
}

find_python() {
    for name in ${KOMUNA_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        # The interpreter below an active virtual environment: .venv must not be made from itself.
        python=$("$name" -I -c '
import sys
ok = (3, 11) <= sys.version_info[:2] <= (3, 14) and sys.maxsize > 2**32
print(getattr(sys, "_base_executable", sys.executable) if ok else "")' 2>/dev/null) || continue
        if [ -n "$python" ]; then return; fi
    done
    if [ -n "${KOMUNA_PYTHON-}" ]; then
        stop "KOMUNA_PYTHON=$KOMUNA_PYTHON is no Python 3.11 to 3.14 that runs here."
    fi
    stop "Python 3.11 to 3.14 is needed and none is on PATH: apt-get install python3 (Debian 12 or later), or set KOMUNA_PYTHON."
}

check_machine() {
    case $(uname -s) in
    Linux) ;;
    Darwin) return ;; # Best effort.
    *) stop "Komuna runs on Linux and macOS; on Windows use WSL." ;;
    esac
    case $(uname -m) in
    x86_64 | amd64 | aarch64 | arm64) ;;
    *) stop "Komuna runs on x86-64 and arm64; this machine is $(uname -m)." ;;
    esac
    "$python" -I -c '
import os, sys
try:
    version = os.confstr("CS_GNU_LIBC_VERSION").split()[1]
    sys.exit(tuple(map(int, version.split(".")[:2])) < (2, 28))
except (ValueError, AttributeError, OSError):
    sys.exit(1)' || stop "Komuna needs Linux with glibc 2.28 or newer (Debian 10, RHEL 8 and later)."
}

read_pip_settings() {
    eval "$("$python" -I "$root/deploy/pip_settings.py")"
    # A home that cannot be written, as of a service account, has no place for uv's cache.
    if ! mkdir -p "${UV_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/}/.cache}/uv}" 2>/dev/null; then
        export UV_CACHE_DIR="$root/.tools/cache"
    fi
    unset UV_SYSTEM_PYTHON UV_PYTHON UV_PROJECT_ENVIRONMENT
}

fits() {
    case $("$1" --version 2>/dev/null) in
    "uv $UV_SERIES."*) uv=$1 ;;
    *) return 1 ;;
    esac
}

find_uv() {
    if fits uv || fits "$root/.tools/bin/uv"; then return; fi
    wanted="uv>=$UV_SERIES,<${UV_SERIES%.*}.$((${UV_SERIES#*.} + 1))"
    echo "komuna: fetching uv $UV_SERIES into .tools" >&2
    mkdir -p "$root/.tools"
    log="$root/.tools/uv.log"
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1
    if "$python" -m venv --clear "$root/.tools/venv" >"$log" 2>&1; then
        "$root/.tools/venv/bin/python" -m pip install -q "$wanted" >"$log" 2>&1 ||
            stop "pip could not fetch uv: $(tail -n 1 "$log") (the whole of it: .tools/uv.log)"
        mkdir -p "$root/.tools/bin"
        ln -sf ../venv/bin/uv "$root/.tools/bin/uv"
    elif "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$root/.tools/venv"
        "$python" -m pip install -q --upgrade --target "$root/.tools" "$wanted" >"$log" 2>&1 ||
            stop "pip could not fetch uv: $(tail -n 1 "$log") (the whole of it: .tools/uv.log)"
    else
        stop "Python has neither venv nor pip: apt-get install python3-venv, or put uv $UV_SERIES on PATH."
    fi
    fits "$root/.tools/bin/uv" || stop "uv $UV_SERIES was fetched into .tools and does not run."
}

# What the environment is made from: where it lies, the lock, and what the members declare.
fingerprint() {
    (cd "$root" && printf '%s\n' "$root" "$1" && cat "$2" deploy/bootstrap.sh &&
        for member in $MEMBERS; do cat "$member/pyproject.toml"; done) | cksum
}

is_synced() {
    [ -x "$root/.venv/bin/python" ] &&
        [ "$(cat "$root/.venv/.synced" 2>/dev/null)" = "$(fingerprint "$@")" ]
}

sync() {
    uv_has_venv=--allow-existing
    "$root/.venv/bin/python" -c '' 2>/dev/null || uv_has_venv=--clear
    "$uv" venv -q --no-project "$uv_has_venv" --python "$python" "$root/.venv"
    rm -f "$root/.venv/.synced"
    (
        cd "$root"
        set --
        for member in $MEMBERS; do set -- "$@" -e "./$member"; done
        # Compiled once here, not by each of ten processes at every start, where bytecode may not
        # be written (PYTHONDONTWRITEBYTECODE, a read-only checkout) for all time to come.
        export UV_COMPILE_BYTECODE="${UV_COMPILE_BYTECODE:-1}"
        unset UV_CONSTRAINT # Every version is fixed by the lock, and uv refuses constraints beside hashes.
        # shellcheck disable=SC2086  # No index is one word or none.
        "$uv" pip sync -q --python .venv/bin/python --require-hashes ${KOMUNA_NO_INDEX-} "$lock"
        # shellcheck disable=SC2086
        "$uv" pip install -q --python .venv/bin/python --no-deps ${KOMUNA_NO_INDEX-} "$@"
        for member in $MEMBERS; do
            .venv/bin/python -m compileall -q "$member/src" || true # Only slower without.
        done
    )
    fingerprint "$purpose" "$lock" >"$root/.venv/.synced"
}

prepare() {
    find_python
    check_machine
    read_pip_settings
    find_uv
}

case $purpose in
uv)
    shift
    prepare
    cd "$root"
    exec "$uv" "$@"
    ;;
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
*) stop "bootstrap.sh takes run, dev or uv." ;;
esac

# The developer's environment holds all that running needs, and stays a developer's.
if [ -x "$root/.venv/bin/pytest" ]; then purpose=dev lock=requirements-dev.lock; fi
if is_synced dev requirements-dev.lock || is_synced "$purpose" "$lock"; then exit 0; fi
[ -w "$root" ] || stop "$root must be writable for you: .venv and .komuna are made there."

# A second start waits for the first instead of installing into the same folder.
if [ -z "${KOMUNA_BOOTSTRAP_LOCKED-}" ] && command -v flock >/dev/null; then
    mkdir -p "$root/.tools"
    KOMUNA_BOOTSTRAP_LOCKED=1 exec flock "$root/.tools/lock" sh "$0" "$purpose"
fi

prepare
echo "komuna: installing packages from $lock" >&2
sync
