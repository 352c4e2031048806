"""PostgreSQL and Redis of a stack."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
from functools import partial
from pathlib import Path

from stack.layout import SITES, Stack, StackError
from stack.processes import Part, as_user, run_logged, surroundings

READER = "datastore_reader"
"""The database role that may only read the DataStore; `ckan` owns and writes everything else."""


def postgresql(stack: Stack) -> Part:
    """The database server. It refuses to run as root: then it runs as the user that Debian's package makes."""
    folder = stack.folder / "postgresql"
    safe = "on" if stack.settings.fsync else "off"
    port = stack.port("postgresql")
    chosen = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": 200}
    chosen |= {"fsync": safe, "synchronous_commit": safe, "full_page_writes": safe, "max_wal_size": "2GB"}
    options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    return Part(
        name="postgresql",
        folder=folder,
        program="postgres",
        command=(program("postgres"), "-D", str(folder), *options),
        ready=partial(_accepts, port),
        user=owner(),
        stop_signal=signal.SIGINT,  # "fast": sessions are ended, nothing is lost
        # left by a server that was killed, and believed while its number is anybody's
        leftovers=(folder / "postmaster.pid",),
    )


def redis(stack: Stack) -> Part:
    """The queue and cache of both sites (one numbered database each); it keeps nothing on disk."""
    port = stack.port("redis")
    command = ("redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--daemonize", "no")
    return Part("redis", stack.folder / "redis", "redis-server", command, partial(_pongs, port))


def program(name: str) -> str:
    """One of PostgreSQL's own programs, of the newest version that Debian has; the bare name where there is none."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].partition(".")[0]))
    return str(installed[-1]) if installed else shutil.which(name) or name


def owner() -> str | None:
    """Who must run the database server; nobody else in particular where we are not root."""
    return "postgres" if os.geteuid() == 0 else None


def create_cluster(stack: Stack) -> None:
    """An empty database cluster that trusts whoever is on this machine. It holds data to test with and listens on 127.0.0.1 only."""
    folder = stack.folder / "postgresql"
    if (folder / "PG_VERSION").exists():
        return
    user = owner()
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted attempt left
    folder.mkdir(mode=0o700)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        reachable = subprocess.run(["test", "-w", str(folder)], cwd="/", check=False, **as_user(user)).returncode == 0
        if not reachable:
            raise StackError(
                f"用户 {user} 不能进入 {folder}；请用 --dir 另选文件夹，或对上级文件夹执行 chmod o+x。",
                f"The user {user} cannot enter {folder}: choose another --dir, or chmod o+x the folders above it.",
            )
    command = [program("initdb"), "-D", str(folder), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    run_logged(stack, "initdb", command, user=user)


def create_databases(stack: Stack) -> None:
    """The roles and each site's two databases."""
    roles = query(stack, "postgres", "select rolname from pg_roles").split()
    for role in ("ckan", READER):
        if role not in roles:
            query(stack, "postgres", f"create role {role} login nosuperuser nocreatedb nocreaterole")
    databases = query(stack, "postgres", "select datname from pg_database").split()
    for site in SITES:
        for database in (site, f"{site}_datastore"):
            if database not in databases:
                query(stack, "postgres", f"create database {database} owner ckan encoding 'UTF8'")


def psql(stack: Stack, database: str) -> list[str]:
    """The start of a command line for psql as the superuser."""
    return ["psql", "-X", "-h", "127.0.0.1", "-p", str(stack.port("postgresql")), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1"]


def query(stack: Stack, database: str, sql: str) -> str:
    """Run statements as the superuser and give what they print, one row a line."""
    done = subprocess.run(
        [*psql(stack, database), "-qAt"], input=sql, env=surroundings(), cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StackError("数据库语句失败。", f"psql: {done.stderr.strip()}")
    return done.stdout


def _accepts(port: int) -> bool:
    command = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command, cwd="/", check=False).returncode == 0


def _pongs(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
