"""One PostgreSQL server of our own: started, stopped, recovered."""

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from komuna_deploy import ports
from komuna_deploy.locks import FolderLock
from komuna_deploy.spawn import spawn

from . import binaries, data_folder, places, postmaster, server_settings, sockets
from .data_folder import SUPERUSER, PostgresError

# What PostgreSQL says while sessions of a killed server still hold its memory.
_STILL_HELD = "shared memory block"
_PATIENCE = 60.0


@dataclass
class Server:
    """A running server, a child of this process."""

    process: subprocess.Popen[bytes]
    place: places.Place
    port: int
    options: tuple[str, ...]
    socket_folder: Path
    password: str = field(repr=False)
    lock: FolderLock = field(repr=False)

    @property
    def data(self) -> Path:
        """The data folder in use, which may have been moved (see `places`)."""
        return self.place.data

    @property
    def log(self) -> Path:
        """What the server said; never a value, see `server_settings`."""
        return data_folder.beside(self.data, "log")

    def dsn(self, database: str = "postgres") -> str:
        """Return the superuser's address of a database, over TCP on loopback."""
        return _dsn(self.password, self.port, database)

    def ask_to_stop(self) -> None:
        """Begin to stop: no new sessions, those there are ended, nothing committed is lost."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def revive(self) -> bool:
        """Start the server again if it has died, and say whether it had."""
        if self.process.poll() is None:
            return False
        self.process = _run(self.place, self.port, self.options, self.socket_folder)
        return True

    def stop(self, timeout: float = 3) -> None:
        """Stop the server: first politely, then at once; committed data is safe either way."""
        for last_word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(last_word)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                continue
        sockets.forget(self.socket_folder)
        self.lock.release()


def start(
    data: Path, port: int | None = None, *, durable: bool = True, small: bool = False
) -> Server:
    """Start the server of a data folder, making the folder first if there is none.

    Where the server's account cannot reach `data`, the server uses a folder of its own instead:
    see `Server.data`. `durable=False` is for tests: a crash of the machine may lose data.
    """
    place = places.settle(data.absolute(), binaries.find())
    lock = _lock(place.data)
    try:
        if not (place.data / "PG_VERSION").exists():
            data_folder.initialise(place)
        data_folder.check(place)
        sockets.forget_left_behind(place.data)
        port = ports.any_free() if port is None else port
        ports.check_free(port, "PostgreSQL")
        options = server_settings.options(durable=durable, small=small)
        folder = sockets.choose_folder(place, port)
        process = _run(place, port, options, folder)
    except BaseException:
        lock.release()
        raise
    password = data_folder.read_password(place.data)
    return Server(process, place, port, options, folder, password, lock)


def address(data: Path, port: int) -> str:
    """Return the superuser's address of a server that another process started."""
    place = places.settle(data.absolute(), binaries.find())
    return _dsn(data_folder.read_password(place.data), port, "postgres")


def remove(data: Path) -> None:
    """Delete a stopped server's data, wherever it stands."""
    place = places.settle(data.absolute(), binaries.find())
    lock = _lock(place.data)
    shutil.rmtree(place.data, ignore_errors=True)
    for rest in ("password", "log", "lock"):
        data_folder.beside(place.data, rest).unlink(missing_ok=True)
    if place.moved and not any(place.data.parent.iterdir()):
        place.data.parent.rmdir()
    lock.release()


def _dsn(password: str, port: int, database: str) -> str:
    return f"postgresql://{SUPERUSER}:{password}@{ports.HOST}:{port}/{database}"


def _lock(data: Path) -> FolderLock:
    return FolderLock(data_folder.beside(data, "lock")).take(what=f"The database folder {data}")


def _run(
    place: places.Place, port: int, options: tuple[str, ...], socket_folder: Path
) -> subprocess.Popen[bytes]:
    """Return the process of a server that accepts sessions, or raise with its last words."""
    until = time.monotonic() + _PATIENCE
    while True:
        postmaster.bury(place.data)
        process = _launch(place, port, options, socket_folder)
        if _becomes_ready(process, place.data):
            return process
        process.kill()
        process.wait()
        log = data_folder.beside(place.data, "log")
        said = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
        if _STILL_HELD not in " ".join(said[-2:]) or time.monotonic() > until:
            raise PostgresError(
                f"PostgreSQL did not start: {said[-1]}", f"The whole story is in {log}."
            )
        time.sleep(0.1)


def _launch(
    place: places.Place, port: int, options: tuple[str, ...], socket_folder: Path
) -> subprocess.Popen[bytes]:
    command = [str(place.binaries.folder / "postgres"), "-D", str(place.data), "-p", str(port)]
    command += ["-k", str(socket_folder), "-c", f"listen_addresses={ports.HOST}"]
    return spawn(
        [*command, *options],
        log=data_folder.beside(place.data, "log"),
        environment=data_folder.environment(place.data),
        account=place.account,
        on_parent_death=signal.SIGINT,
    )


def _becomes_ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        found = postmaster.read(data)
        if found is not None and found.pid == process.pid and found.ready:
            return True
        time.sleep(0.005)
    return False
