"""supervisord: keeps the programs of one runtime directory up after the engine has gone."""

import contextlib
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from modelberth.core.errors import ModelberthError
from modelberth.core.files import write_atomically
from modelberth.local.processes import answers, end_all, environment_of
from modelberth.local.sockets import socket_path

STOP_SECONDS = 5
_SUPERVISORD = """\
[supervisord]
nodaemon=false
directory={directory}
pidfile={directory}/supervisord.pid
logfile={directory}/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
childlogdir={directory}/logs
umask=077
identifier=modelberth

[unix_http_server]
file={socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files = programs/*.ini
"""

# startsecs: a program that ends within it is started again after 1, 2, 3 … seconds, one that ran longer at once.
_PROGRAM = """\
; ready: {ready}
[program:{name}]
command={command}
directory={directory}
environment={environment}
autostart=true
autorestart=true
startsecs=10
startretries=1000000
stopsignal=TERM
stopwaitsecs={stop_seconds}
redirect_stderr=true
stdout_logfile={directory}/logs/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


def start(directory: Path) -> int:
    """Start supervisord for a directory, ending first what an earlier one left behind. Returns its process id."""
    if (running := supervisor_pid(directory)) is not None:
        return running
    end_all(directory)
    for folder in ("programs", "logs"):
        (directory / folder).mkdir(mode=0o700, exist_ok=True)
    configuration = directory / "supervisord.conf"
    where = _escape(str(directory))
    write_atomically(configuration, _SUPERVISORD.format(directory=where, socket=_escape(str(_socket(directory)))))
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)]
    done = subprocess.run(  # start_new_session: what is typed or signalled in the engine's terminal does not reach it
        command, env=environment_of(directory), capture_output=True, text=True, timeout=60, check=False,
        start_new_session=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise ModelberthError(f"supervisord did not start in {directory}: {done.stderr.strip()[-300:]}")
    pid = _wait_for_supervisor(directory)
    _wait_for_programs(directory)
    return pid


def _wait_for_programs(directory: Path, patience: float = 60) -> None:
    """Wait for the programs that an earlier supervisor kept, so that whoever calls finds them serving.

    One that does not come up is not this function's business: a refresh finds it and makes it anew.
    """
    end = time.monotonic() + patience
    waiting = [file.read_text().partition("\n")[0].removeprefix("; ready: ") for file in _program_files(directory)]
    while waiting and time.monotonic() < end:
        time.sleep(0.1)
        waiting = [address for address in waiting if not answers(address)]


def _program_files(directory: Path) -> list[Path]:
    return sorted((directory / "programs").glob("*.ini"))


def stop(directory: Path) -> None:
    """End supervisord and everything that runs under it, then whatever still carries the directory's mark."""
    if (pid := supervisor_pid(directory)) is not None:
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            _rpc(directory).supervisor.shutdown()
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            psutil.Process(pid).wait(timeout=20)
    end_all(directory)
    _socket(directory).unlink(missing_ok=True)


def supervisor_pid(directory: Path) -> int | None:
    """The process id of the supervisord that answers for a directory, or None."""
    try:
        pid: Any = _rpc(directory).supervisor.getPID()
    except (OSError, xmlrpc.client.Error):
        return None
    return int(pid)


def run_program(
    directory: Path,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    ready: str,
    stop_seconds: int = STOP_SECONDS,
) -> None:
    """Start a program, or start it anew with what is given now, and keep it up.

    `ready` is the address that answers 200 when it serves.
    """
    if supervisor_pid(directory) is None:
        raise ModelberthError(
            f"{name}: no supervisor answers in {directory}; run `pulumi up --refresh`, which starts it"
        )
    remove_program(directory, name)
    text = _PROGRAM.format(
        ready=ready,
        name=name,
        command=_escape(shlex.join(command)),
        directory=_escape(str(directory)),
        environment=",".join(f'{key}="{_escape(value)}"' for key, value in environment.items()),
        stop_seconds=stop_seconds,
    )
    write_atomically(_program_file(directory, name), text)
    supervisor = _rpc(directory).supervisor
    supervisor.reloadConfig()
    supervisor.addProcessGroup(name)


def remove_program(directory: Path, name: str) -> None:
    """Stop a program and forget it. Nothing happens where it is unknown."""
    _program_file(directory, name).unlink(missing_ok=True)
    if supervisor_pid(directory) is None:
        return
    supervisor = _rpc(directory).supervisor
    for call in (supervisor.stopProcessGroup, supervisor.removeProcessGroup):
        try:
            call(name)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in (Faults.BAD_NAME, Faults.NOT_RUNNING):
                raise
    supervisor.reloadConfig()


def state_of(directory: Path, name: str) -> str:
    """Supervisor's word for a program: RUNNING, BACKOFF, FATAL, …; ABSENT where nobody knows it."""
    return str(_info(directory, name).get("statename", "ABSENT"))


def pid_of(directory: Path, name: str) -> int:
    """Process id of a program; 0 where it does not run now."""
    return int(_info(directory, name).get("pid", 0))


def _info(directory: Path, name: str) -> Mapping[str, Any]:
    try:
        info: Any = _rpc(directory).supervisor.getProcessInfo(name)
    except (OSError, xmlrpc.client.Error):
        return {}
    return info


def names(directory: Path, prefix: str = "") -> list[str]:
    """The programs whose name begins so."""
    return [file.stem for file in _program_files(directory) if file.name.startswith(prefix)]


def last_lines(directory: Path, name: str, count: int = 5) -> list[str]:
    """The end of a program's log."""
    log = directory / "logs" / f"{name}.log"
    return log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []


def _rpc(directory: Path) -> xmlrpc.client.ServerProxy:
    transport = SupervisorTransport(serverurl=f"unix://{_socket(directory)}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


def _wait_for_supervisor(directory: Path, patience: float = 10) -> int:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if (pid := supervisor_pid(directory)) is not None:
            return pid
        time.sleep(0.05)
    raise ModelberthError(f"supervisord does not answer in {directory}; see {directory / 'supervisord.log'}")


def _socket(directory: Path) -> Path:
    return socket_path(directory, "supervisor")


def _program_file(directory: Path, name: str) -> Path:
    return directory / "programs" / f"{name}.ini"


def _escape(text: str) -> str:
    return text.replace("%", "%%")
