"""A shell that is told one command after another, as by a reader."""

import os
import queue
import subprocess
import threading

PATIENCE_SECONDS = 60
END = "-- the end of a command --"


class Terminal:
    def __init__(self, place, port):
        self.port = port
        # Where its output is not a terminal, curl draws a meter that a reader would not see.
        with open(os.path.join(place, ".curlrc"), "w") as settings:
            settings.write("silent\nshow-error\n")
        self.shell = subprocess.Popen(
            ["bash"], cwd=place, env={**os.environ, "CURL_HOME": place}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def run(self, command):
        """Runs a command; returns what it printed, and its exit code."""
        command = command.replace("localhost:8080", f"127.0.0.1:{self.port}")
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null; printf '\\n%s %d\\n' '{END}' $?\n")
        self.shell.stdin.flush()
        printed = ""
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                return printed + "(and does not end)", -1
            if line is None:
                return printed + "(and ended the shell)", -1
            if line.startswith(END):
                return printed, int(line.split()[-1])
            printed += line

    def close(self):
        self.shell.kill()
        self.shell.wait()

    def _read(self):
        for line in self.shell.stdout:
            self.lines.put(line)
        self.lines.put(None)
