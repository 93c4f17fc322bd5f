"""The peers: from Debian's packages, with their own settings in a directory of their own, on loopback.

Each is durable: Redis flushes before it answers, and so do those that store in it. Each is started
as a child and stopped by its pid.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nginx
from harness.failed import Failed
from harness.process import tool

TOOLS = Path(__file__).resolve().parents[2] / ".build" / "tools"
START_SECONDS = 90


class Peer:
    """One child with a directory and a port."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="posthorn-bench-")
        self.port = free_port()
        self.children = []
        self.log = open(os.path.join(self.directory, "log"), "wb")
        try:
            self.start()
            self.wait()
        except BaseException:
            self.stop()
            raise

    def child(self, command, **options):
        self.children.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            cwd=self.directory, **options))

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if any(child.poll() is not None for child in self.children):
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.log.flush()
        said = Path(self.log.name).read_text(errors="replace")[-400:]
        raise Failed(f"{type(self).__name__} did not start: {said}")

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
        for child in reversed(self.children):
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Redis(Peer):
    # The program of redis-tools is the server, too: it looks at the name that it is called by.
    PROGRAM = "redis-check-rdb"

    @classmethod
    def missing(cls):
        if not tool(cls.PROGRAM) or not tool("redis-benchmark"):
            return "Redis is not installed (Debian: redis-tools)"
        return None

    def start(self):
        self.child(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir",
             self.directory, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
             # No rewriting in the background while it is measured.
             "--auto-aof-rewrite-percentage", "0"], executable=tool(self.PROGRAM))

    def ask(self, *words):
        ran = subprocess.run(
            [tool("redis-cli"), "-p", str(self.port), *words], capture_output=True, text=True,
            timeout=60)
        return ran.stdout.strip()

    def forget(self):
        """Makes room: a stream of minutes would be all of the memory."""
        self.ask("FLUSHALL")


class Webdis(Peer):
    """HTTP in front of Redis."""

    def __init__(self, redis):
        self.redis = redis
        super().__init__()

    @staticmethod
    def missing():
        if Redis.missing() or not tool("webdis"):
            return "webdis is not installed: run .ci/install bench"
        return None

    def start(self):
        path = self.write("webdis.json", f"""{{
            "redis_host": "127.0.0.1", "redis_port": {self.redis.port},
            "http_host": "127.0.0.1", "http_port": {self.port}, "threads": 2, "pool_size": 20,
            "daemonize": false, "websockets": false, "database": 0, "verbosity": 0,
            "logfile": "{self.directory}/webdis.log"}}""")
        self.child([tool("webdis"), path])


class Nchan(Peer):
    """nginx with nchan, which keeps its messages in Redis."""

    MODULE = "usr/lib/nginx/modules/ngx_nchan_module.so"
    CONFIGURATION = """
load_module {module};
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/error.log crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    upstream redis {{ nchan_redis_server redis://127.0.0.1:{redis}; }}
    server {{
        listen 127.0.0.1:{port};
        location = /publish {{
            nchan_publisher;
            nchan_channel_id bench;
            nchan_redis_pass redis;
            nchan_message_buffer_length 1000;
        }}
    }}
}}
"""

    def __init__(self, redis):
        self.redis = redis
        super().__init__()

    @classmethod
    def module(cls):
        return next((str(path) for path in (Path("/") / cls.MODULE, TOOLS / cls.MODULE)
                     if path.exists()), None)

    @classmethod
    def missing(cls):
        if Redis.missing() or not nginx.program() or not cls.module():
            return "nchan is not installed: run .ci/install bench"
        return None

    def start(self):
        path = self.write("nginx.conf", self.CONFIGURATION.format(
            module=self.module(), directory=self.directory, port=self.port, redis=self.redis.port))
        self.child([nginx.program(), "-p", self.directory, "-c", path,
                    "-e", f"{self.directory}/error.log"])


class RabbitMQ(Peer):
    """One node; a quorum queue of one member still flushes each message before it is confirmed."""

    HOMES = (Path("/usr/lib/rabbitmq/lib"), TOOLS / "usr/lib/rabbitmq/lib")

    @classmethod
    def program(cls):
        found = [path for home in cls.HOMES for path in home.glob("*/sbin/rabbitmq-server")]
        return str(found[0]) if found else None

    @classmethod
    def missing(cls):
        if not cls.program() or not tool("erl") or not tool("epmd"):
            return "RabbitMQ is not installed: run .ci/install bench"
        return None

    def start(self):
        names, distribution = free_port(), free_port()
        self.write("rabbitmq.conf", f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        plugins = self.write("plugins", "[].\n")
        self.child([tool("epmd"), "-address", "127.0.0.1", "-port", str(names)])
        environment = {
            **os.environ, "HOME": self.directory, "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "bench@localhost", "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONFIG_FILE": os.path.join(self.directory, "rabbitmq.conf"),
            "RABBITMQ_MNESIA_BASE": os.path.join(self.directory, "mnesia"),
            "RABBITMQ_LOG_BASE": os.path.join(self.directory, "logs"),
            "RABBITMQ_PID_FILE": os.path.join(self.directory, "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_ENABLED_PLUGINS_FILE": plugins}
        self.child([self.program()], env=environment)

    def wait(self):
        super().wait()
        # It listens before it is ready for queues.
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            ran = subprocess.run(
                [sys.executable, str(Path(__file__).parent / "amqp.py"), str(self.port), "1", "0.2"],
                capture_output=True, timeout=60)
            if ran.returncode == 0:
                return
            time.sleep(1)
        raise Failed(f"RabbitMQ is not ready: {ran.stderr}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
