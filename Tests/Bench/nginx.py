"""nginx from Debian with one worker and everything in a temporary directory."""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from harness.failed import Failed
from harness.process import cpu_seconds, memory, tool

CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {nofile};
pid {directory}/pid;
error_log {directory}/error.log crit;
events {{ worker_connections {nofile}; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location = /healthz {{ default_type text/plain; return 200 "ok\\n"; }}
        location = /none {{ return 204; }}
    }}
}}
"""


class Nginx:
    def __init__(self, nofile=4096):
        self.directory = tempfile.mkdtemp(prefix="posthorn-bench-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        path = os.path.join(self.directory, "nginx.conf")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(
                directory=self.directory, port=self.port, nofile=nofile))
        self.process = subprocess.Popen(
            [program(), "-p", self.directory, "-c", path, "-e", f"{self.directory}/error.log"],
            stdin=subprocess.DEVNULL)
        self._wait()

    def cpu_seconds(self):
        return cpu_seconds(self.worker)

    def memory(self):
        return memory(self.worker)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _wait(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                    self.worker = int(file.read().split()[0])
                return
            except (OSError, IndexError):
                time.sleep(0.05)
        self.process.kill()
        raise Failed("nginx did not start")


def program():
    return tool("nginx")
