"""Rehearse what Binder does with the repository at HEAD. Run by ``make rehearse``.

The steps are those of repo2docker, in its order: the environment of ``binder/environment.yml`` (a
fresh virtual environment in place of conda), a clone, ``binder/postBuild`` in it, JupyterLab
through ``binder/start``. Three chapters then run through the server, as a browser would run them,
and a cell that fails or more memory than Binder gives ends with status 1. No number of threads is
set but by ``binder/start``.
"""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import websocket

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ("why-explain", "gradients", "taylor-infinity")
LIMIT_BYTES = 2e9  # what Binder promises at most
LIMIT_SECONDS = 300  # for one cell, and for the server to answer
# What a user of this machine may have set and Binder has not.
OURS = ("VIRTUAL_ENV", "QXAI_DATA", "TFQ")
THREADS = """
import os, threadpoolctl
pools = {pool["user_api"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
print("threads of each library:", pools)
"""


def python_of(environment: str) -> str:
    """Return the version of Python that Binder's environment names, and refuse any package."""
    names = re.findall(r"^ +- *([a-z][\w.-]*)(?:=([\w.]+))?$", environment, re.MULTILINE)
    packages = {name: version for name, version in names if name != "conda-forge"}
    if set(packages) != {"python", "pip"}:
        raise ValueError(
            f"binder/environment.yml: expected python and pip, found {sorted(packages)}; what "
            "postBuild does not install is not rehearsed here"
        )
    return packages["python"]


def clean(variables: Mapping[str, str], environment: Path) -> dict[str, str]:
    """Return variables as Binder has them: its environment's programs first, no threads set."""
    kept = {
        name: value
        for name, value in variables.items()
        if name not in OURS and not name.startswith("PYTHON") and not name.endswith("_NUM_THREADS")
    }
    return {**kept, "PATH": f"{environment / 'bin'}{os.pathsep}{variables['PATH']}"}


def size_of(folder: Path) -> int:
    """Return the bytes that a folder takes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Print what a step took."""
    start = time.perf_counter()
    yield
    print(f"{step:44} {time.perf_counter() - start:7.1f} s", flush=True)


class Memory:
    """The most that a process and all that it started held at once."""

    def __init__(self, process: psutil.Process) -> None:
        self.process, self.peak, self._ended = process, 0, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self.peak = max(self.peak, self.now())

    def now(self) -> int:
        """Return the bytes that they hold now; pages that they share count for each."""
        total = 0
        try:
            for process in [self.process, *self.process.children(recursive=True)]:
                total += process.memory_info().rss
        except psutil.NoSuchProcess:  # between two looks
            return 0
        return total

    def stop(self) -> None:
        """Watch no longer."""
        self._ended.set()


class Server:
    """A Jupyter server, asked as JupyterLab asks it."""

    def __init__(self, port: int, token: str) -> None:
        self.address, self.token = f"127.0.0.1:{port}", token

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request and return what is answered."""
        request = urllib.request.Request(
            f"http://{self.address}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as response:
            return json.loads(response.read() or "null")

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it answers."""
        end = time.monotonic() + LIMIT_SECONDS
        while process.poll() is None and time.monotonic() < end:
            try:
                self.ask("GET", "status")
                return
            except OSError:  # not yet
                time.sleep(0.2)
        sys.exit("error: JupyterLab did not start; its log is above")

    def run(self, notebook: str) -> str:
        """Run a notebook's code cells in a kernel of its own; return what `THREADS` prints.

        The kernel stays, as it does for a reader who goes on to the next chapter.
        """
        cells = self.ask("GET", f"contents/{notebook}?content=1")["content"]["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        body = {"path": notebook, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        session = self.ask("POST", "sessions", body)
        url = f"ws://{self.address}/api/kernels/{session['kernel']['id']}/channels"
        channel = websocket.create_connection(
            f"{url}?token={self.token}", timeout=LIMIT_SECONDS, suppress_origin=True
        )
        try:
            return [execute(channel, cell) for cell in [*code, THREADS]][-1].strip()
        finally:
            channel.close()


def message(code: str) -> dict[str, Any]:
    """Return the request to execute a cell."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "session": uuid.uuid4().hex,
        "username": "rehearsal",
        "msg_type": "execute_request",
        "version": "5.3",
        "date": "",
    }
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    parts = {"header": header, "content": content, "channel": "shell"}
    return {**parts, "parent_header": {}, "metadata": {}, "buffers": []}


def execute(channel: websocket.WebSocket, code: str) -> str:
    """Execute a cell; return what it printed."""
    request = message(code)
    channel.send(json.dumps(request))
    answers = iter(lambda: json.loads(channel.recv()), None)
    return printed(answers, request["header"]["msg_id"], code)


def printed(answers: Iterable[Mapping[str, Any]], request: str, code: str) -> str:
    """Read answers until the kernel is idle again after a request; an error ends everything."""
    text = ""
    for answer in answers:
        kind, content = answer["header"]["msg_type"], answer["content"]
        if answer["parent_header"].get("msg_id") != request:
            continue
        if kind == "stream":
            text += content["text"]
        elif kind == "error":
            lines = "\n".join(content["traceback"])
            raise RuntimeError(f"a cell failed:\n{code}\n{lines}")
        elif kind == "status" and content["execution_state"] == "idle":
            return text
    raise RuntimeError(f"the kernel did not finish:\n{code}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def lab(repository: Path, variables: Mapping[str, str]) -> Iterator[tuple[Server, Memory]]:
    """Start JupyterLab through ``binder/start``, and end it."""
    server = Server(free_port(), secrets.token_hex(16))
    command = [str(repository / "binder" / "start"), "jupyter", "lab", "--no-browser"]
    command += ["--ip=127.0.0.1", f"--port={server.address.split(':')[1]}", "--log-level=ERROR"]
    command += [f"--IdentityProvider.token={server.token}", "--ServerApp.port_retries=0"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    process = subprocess.Popen(command, cwd=repository, env=dict(variables))
    memory = Memory(psutil.Process(process.pid))
    try:
        server.wait(process)
        yield server, memory
    finally:
        memory.stop()
        process.terminate()
        process.wait(60)


def prepare(folder: Path) -> tuple[Path, dict[str, str]]:
    """Do what Binder does to build an image; return the clone and its variables."""
    run: Callable[..., Any] = subprocess.run
    environment, repository = folder / "environment", folder / "repository"
    wanted = python_of((ROOT / "binder" / "environment.yml").read_text())
    if wanted != f"{sys.version_info[0]}.{sys.version_info[1]}":
        sys.exit(f"error: Binder has Python {wanted}; run make rehearse PYTHON=python{wanted}")
    with timed("an environment"):
        venv.EnvBuilder(with_pip=True, symlinks=True).create(environment)
    with timed("a clone"):
        run(["git", "clone", "--quiet", str(ROOT), str(repository)], check=True)
    variables = clean(os.environ, environment)
    with timed("binder/postBuild"):
        post_build = str(repository / "binder" / "postBuild")
        quiet = {**variables, "PIP_QUIET": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        run([post_build], cwd=repository, env=quiet, check=True)
    print(f"{'size of the environment':44} {size_of(environment) / 1e9:7.2f} GB")
    print(f"{'size of the clone':44} {size_of(repository) / 1e9:7.2f} GB", flush=True)
    return repository, variables


def main() -> None:
    """Rehearse in a temporary folder, which is removed."""
    head = ["git", "-C", str(ROOT), "log", "-1", "--format=%h %s"]
    print(subprocess.run(head, capture_output=True, text=True, check=True).stdout, end="")
    with tempfile.TemporaryDirectory() as folder:
        repository, variables = prepare(Path(folder))
        start = time.perf_counter()
        with lab(repository, variables) as (server, memory):
            print(f"{'JupyterLab answers':44} {time.perf_counter() - start:7.1f} s", flush=True)
            for chapter in CHAPTERS:
                with timed(chapter):
                    threads = server.run(f"book/{chapter}.ipynb")
                print(f"  {threads}")
            peak = memory.peak
    print(f"{'most memory, server and kernels':44} {peak / 1e9:7.2f} GB")
    if peak > LIMIT_BYTES:
        sys.exit(f"error: Binder gives {LIMIT_BYTES / 1e9:.0f} GB")


if __name__ == "__main__":
    main()
