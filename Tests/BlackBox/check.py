"""posthorn check: sound data is said to be sound, and a flipped bit is found wherever it counts."""

import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import tempfile

from harness import Suite, request
from harness.server import Server, run_once

suite = Suite("check")
BLOCK = 4096


def check(directory, *arguments):
    code, out, err = run_once("check", directory, "--json", *arguments)
    return code, json.loads(out) if out else None, err


def publish(trial, server, topic, count, size=200):
    client = trial.connect(server)
    for number in range(count):
        body = f"{number} ".encode() + os.urandom(size)
        client.send(request(
            f"/v1/topics/{topic}/messages?key={number}", method="POST", body=body)).expect(201)


def stopped(trial):
    """A data directory with something in it, left by a server that ended well; a copy of the case's."""
    server = trial.start()
    publish(trial, server, "orders", 60)
    publish(trial, server, "letters", 20, 3_000)
    server.signal(signal.SIGINT)
    server.expect_exit(0, within=15)
    return os.path.join(server.directory, "data")


def frames(path):
    """(place, header and payload size) of each frame of a segment that is whole to its end."""
    with open(path, "rb") as file:
        data = file.read()
    salt, place, found = data[32:36], BLOCK, []
    while data[place:place + 4] == b"PHFR" and data[place + 52:place + 56] == salt:
        size, payload = struct.unpack_from("<II", data, place + 8)
        found.append((place, size))
        place += size
    return found


def segments(directory):
    return sorted(
        os.path.join(where, name)
        for where, _, names in os.walk(directory) for name in names if name.endswith(".log"))


def flip(path, place, bit=0):
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))


@suite.case("data that a server left at its end is sound")
def _(trial):
    data = stopped(trial)
    code, report, err = check(data)
    trial.equal((code, err), (0, ""), "the exit code and standard error")
    trial.equal((report["sound"], report["findings"]), (True, []), "the verdict")
    trial.equal(sum(log["records"] for log in report["logs"]), 80, "the records")
    trial.equal(report["topics"], 2, "the topics")
    code, out, err = run_once("check", data)
    trial.equal((code, err), (0, ""), "the exit code and standard error")
    trial.check("is sound" in out and "80 records" in out, f"an odd report: {out!r}")


@suite.case("a flipped bit in any frame but the last is damage, whatever its place", slow=True)
def _(trial):
    data = stopped(trial)
    seed = random.randrange(1 << 32)
    seeded = random.Random(seed)
    for path in segments(data):
        for place, size in frames(path)[:-1]:
            if seeded.random() > 0.15:
                continue
            at, bit = place + seeded.randrange(size), seeded.randrange(8)
            flip(path, at, bit)
            code, report, _ = check(data)
            trial.equal(code, 3, f"the exit code after bit {bit} at {at} of {path} (seed {seed})")
            trial.check(
                any(finding["kind"] == "lost" for finding in report["findings"]),
                f"nothing is lost: {report['findings']}")
            flip(path, at, bit)
    trial.equal(check(data)[0], 0, "the exit code once all is mended")


@suite.case("a flipped bit where nothing was written yet is no damage")
def _(trial):
    data = stopped(trial)
    for path in segments(data):
        written = frames(path)
        end = written[-1][0] + written[-1][1] if written else BLOCK
        # Behind the last frame, and between the two copies of the header.
        for place in (end + BLOCK + 100, os.path.getsize(path) - 1, 1_000):
            flip(path, place)
            trial.equal(check(data)[0], 0, f"the exit code after {place} of {path}")


def damaged(trial, hurt, kind, *mentions):
    data = stopped(trial)
    hurt(data)
    code, report, _ = check(data)
    trial.equal(code, 3, f"the exit code with {report}")
    found = [finding["kind"] for finding in report["findings"] if finding["damage"]]
    trial.check(kind in found, f"{kind} is not among {report['findings']}")
    code, out, _ = run_once("check", data)
    trial.equal(code, 3, "the exit code")
    for mention in ("DAMAGE", *mentions):
        trial.check(mention in out, f"{mention!r} is not in {out!r}")


def first(data, log):
    return os.path.join(data, log, "0" * 20 + ".log")


suite.table(damaged, [
    ("a damaged cookie", lambda data: flip(os.path.join(data, "cookie"), 20), "cookie", "cookie"),
    ("a missing cookie", lambda data: os.remove(os.path.join(data, "cookie")), "cookie", "missing"),
    ("the first copy of a segment's header",
     lambda data: flip(first(data, "shard-0000"), 40), "header_copy", "the other serves"),
    ("the second copy of a segment's header",
     lambda data: flip(first(data, "shard-0001"), 2048 + 99), "header_copy"),
    ("a missing shard",
     lambda data: shutil.rmtree(os.path.join(data, "shard-0001")), "lost", "shard-0001"),
    ("the coordinator's segment cut short",
     lambda data: os.truncate(first(data, "coordinator"), 1 << 20), "unreadable", "coordinator"),
])


@suite.case("names that are not ours are mentioned, and are no damage")
def _(trial):
    data = stopped(trial)
    for name in ("notes.txt", "shard-0000/readme", "shard-0001/x.tmp"):
        open(os.path.join(data, name), "w").close()
    code, report, _ = check(data)
    trial.equal(code, 0, "the exit code")
    found = sorted(finding["kind"] for finding in report["findings"])
    trial.equal(found, ["stranger", "stranger", "unfinished"], "what is mentioned")


@suite.case("a server that was killed leaves sound data, with a torn tail at most", slow=True)
def _(trial):
    for _ in range(4):
        server = trial.start()
        publish(trial, server, "orders", random.randrange(1, 40))
        server.signal(signal.SIGKILL)
        server.expect_exit(-signal.SIGKILL, within=10)
        code, report, err = check(os.path.join(server.directory, "data"))
        trial.equal((code, err), (0, ""), f"the exit code and standard error: {report}")
        kinds = {finding["kind"] for finding in report["findings"]}
        trial.check(kinds <= {"torn_tail", "unfinished"}, f"an odd finding: {report['findings']}")


@suite.case("the data of a running server is not looked at")
def _(trial):
    data = os.path.join(trial.server.directory, "data")
    code, out, err = run_once("check", data)
    trial.equal((code, out), (1, ""), "the exit code and standard output")
    trial.check("running posthorn" in err and data in err, f"an odd message: {err!r}")


def not_looked(trial, arguments, code, *mentions):
    found, out, err = run_once("check", *arguments)
    trial.equal((found, out), (code, ""), f"exit code and standard output (stderr: {err!r})")
    for mention in mentions:
        trial.check(mention in err, f"{mention!r} is not mentioned in {err!r}")


suite.table(not_looked, [
    ("a directory that is not there", ["/nonexistent"], 1, "/nonexistent"),
    ("a directory of somebody else", ["/usr"], 1, "not Posthorn's"),
    ("a file", ["/etc/hostname"], 1, "/etc/hostname"),
    ("two directories", ["a", "b"], 2, "given twice"),
    ("a flag of another command", ["--listen", "127.0.0.1:1"], 2, "posthorn serve"),
])


def unwritable(trial, data):
    """A copy of the data that nobody may write to, and that everybody may read."""
    place = tempfile.mkdtemp(prefix="posthorn-test-")
    copy = os.path.join(place, "copy")
    shutil.copytree(data, copy)
    os.chmod(place, 0o755)
    for where, _, names in os.walk(copy):
        os.chmod(where, 0o555)
        for name in names:
            os.chmod(os.path.join(where, name), 0o444)
    return place, copy


@suite.case("a copy that whoever looks may not write to is checked, too")
def _(trial):
    place, copy = unwritable(trial, stopped(trial))
    # Root may write anything: somebody else looks for it.
    somebody = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    try:
        found = subprocess.run(
            [Server.binary, "check", copy], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60, cwd="/", **somebody)
    except PermissionError:
        trial.check(somebody, "the program cannot be run")
        return
    finally:
        subprocess.run(["chmod", "-R", "u+w", place], check=True)
        shutil.rmtree(place)
    trial.equal((found.returncode, found.stderr), (0, b""), "the exit code and standard error")
    trial.check(b"is sound" in found.stdout, f"an odd report: {found.stdout!r}")


@suite.case("a check makes nothing and changes nothing")
def _(trial):
    data = stopped(trial)

    def picture():
        return sorted(
            (os.path.join(where, name), os.stat(os.path.join(where, name)).st_mtime_ns)
            for where, _, names in os.walk(data) for name in names)

    before = picture()
    trial.equal(check(data)[0], 0, "the exit code")
    trial.equal(picture(), before, "what is there")
    code, _, err = run_once("check")
    trial.equal(code, 1, "the exit code without a directory")
    trial.check(re.search(r"\./data", err), f"the default is not named: {err!r}")
