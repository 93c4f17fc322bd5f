"""The real binary as a child process, with its own port, data directory and log."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from . import process
from .failed import Failed

LISTENING = re.compile(
    r"listening address=127\.0\.0\.\d+:(\d+)|\"address\": ?\"127\.0\.0\.\d+:(\d+)\"")
TRAP = re.compile(
    r"Fatal error|Precondition failed|Assertion failed|Illegal instruction|Program crashed"
    r"|Segmentation fault|AddressSanitizer|ThreadSanitizer|UndefinedBehavior|core dumped")
ERROR_LINE = re.compile(r"time=\S+ level=error |\{\"time\":\"[^\"]+\",\"level\":\"error\"")
START_SECONDS = 20
END_SECONDS = 10


class Server:
    """One running server; `stop()` ends it by its pid and says what was wrong with its life."""

    binary = None
    running = set()

    def __init__(self, nofile=None, environment=None, arguments=(), **settings):
        self.directory = tempfile.mkdtemp(prefix="posthorn-test-")
        self.output = []
        self.lines = []  # What came on standard error.
        self.port = None
        self.forgiven = None  # A pattern of error lines that a case provokes on purpose.
        self.expects_exit = False
        flags = {
            "listen": "127.0.0.1:0", "data": os.path.join(self.directory, "data"),
            "segment_size": "32MiB", "publish_timeout": "60s",
            # How full the disk of the tests is says nothing about the program.
            "disk_warn_at": 100, "disk_full_at": 100, "disk_scarce_at": 100, **settings}
        command = [Server.binary, "serve", *as_flags(flags), *arguments]
        self.command = command = limited(command, nofile)
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=clean_environment(environment), cwd=self.directory)
        Server.running.add(self)
        self.readers = [
            threading.Thread(target=read_lines, args=(stream, lines), daemon=True)
            for stream, lines in [
                (self.process.stdout, self.output), (self.process.stderr, self.lines)]]
        for reader in self.readers:
            reader.start()
        self._wait_for_port()

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return "".join(self.lines)

    def signal(self, number):
        self.process.send_signal(number)

    def expect_exit(self, *codes, within):
        """A server that is meant to end does so, in time and with one of these exit codes."""
        self.expects_exit = True
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise Failed(f"the server still runs after {within} s:\n{self.tail()}") from None
        for reader in self.readers:
            reader.join(5)
        if code not in codes:
            raise Failed(f"the server ended with {code}, not {codes}:\n{self.tail()}")

    def stop(self):
        """Ends the server if it runs, and raises Failed if it had died or logged an error."""
        died = self.process.poll() is not None and not self.expects_exit
        ended = self._end() if self.process.poll() is None else None
        for reader in self.readers:
            reader.join(5)
        Server.running.discard(self)
        shutil.rmtree(self.directory, ignore_errors=True)
        if died:
            raise Failed(f"the server died with {self.process.returncode}:\n{self.tail()}")
        if ended:
            raise Failed(f"the server {ended}:\n{self.tail()}")
        self.check_log()

    def check_log(self):
        trap = TRAP.search(self.log)
        if trap:
            raise Failed(f"the server's log has {trap[0]!r}:\n{self.tail()}")
        for line in list(self.lines):
            if ERROR_LINE.match(line) and not (self.forgiven and re.search(self.forgiven, line)):
                raise Failed(f"the server logged an error: {line}")

    def wait_for_line(self, pattern, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if re.search(pattern, line):
                    return line
            time.sleep(0.02)
        raise Failed(f"no line like {pattern!r} in the log:\n{self.tail()}")

    def tail(self, count=20):
        return "".join(self.lines[-count:])

    def memory(self):
        return process.memory(self.pid)

    def descriptors(self):
        return process.descriptors(self.pid)

    def voluntary_switches(self):
        return process.voluntary_switches(self.pid)

    def cpu_seconds(self):
        return process.cpu_seconds(self.pid)

    # Helpers

    def _wait_for_port(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for line in list(self.lines):
                match = LISTENING.search(line)
                if match:
                    self.port = int(match[1] or match[2])
                    return
            if self.process.poll() is not None and not self.readers[1].is_alive():
                break
            time.sleep(0.01)
        self.expects_exit = True
        if self.process.poll() is None:
            self._end()
        Server.running.discard(self)
        shutil.rmtree(self.directory, ignore_errors=True)
        raise Failed(f"the server did not start ({self.process.returncode}):\n{self.tail()}")

    def _end(self):
        """Drains the server without its window; returns what was wrong with that, or None."""
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return f"did not end within {END_SECONDS} s of SIGINT"
        return f"ended with {code} after SIGINT" if code else None


def stop_all():
    """For a run that is interrupted: no child outlives it."""
    for server in list(Server.running):
        server.process.kill()
        shutil.rmtree(server.directory, ignore_errors=True)


def read_lines(stream, lines):
    for line in stream:
        lines.append(line.decode("utf-8", "backslashreplace"))


def as_flags(settings):
    flags = []
    for name, value in settings.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            flags.append(flag)
        elif value is not None and value is not False:
            flags.extend([flag, str(value)])
    return flags


def clean_environment(extra=None):
    """The caller's environment without POSTHORN_*, since a leftover would change what is tested."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("POSTHORN_")}
    return {**kept, **(extra or {})}


def limited(command, nofile):
    """The command with so many descriptors, if that is given."""
    if nofile is None:
        return command
    return ["/bin/sh", "-c", f'ulimit -n {nofile}; exec "$0" "$@"', *command]


def run_once(*arguments, environment=None, seconds=20, nofile=None):
    """Runs the binary to its end; returns (exit code, standard output, standard error)."""
    with tempfile.TemporaryDirectory(prefix="posthorn-test-") as directory:
        child = subprocess.Popen(
            limited([Server.binary, *arguments], nofile), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(environment),
            cwd=directory)
        try:
            out, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            raise Failed(
                f"{' '.join(arguments)} did not end:\n{err.decode(errors='replace')}") from None
    out, err = out.decode(errors="replace"), err.decode(errors="replace")
    if TRAP.search(err) or child.returncode < 0:
        raise Failed(f"{' '.join(arguments)} ended with {child.returncode}:\n{err}")
    return child.returncode, out, err


def logged_objects(lines):
    """The lines of a JSON log as objects."""
    try:
        return [json.loads(line) for line in lines if line.strip()]
    except ValueError as error:
        raise Failed(f"a log line is not JSON ({error})") from None
