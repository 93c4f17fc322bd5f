"""What /proc says about a process, all its threads together; and where programs are found."""

import os
import shutil
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Resident bytes."""
    return int(status(pid)["VmRSS"].split()[0]) * 1024


def private_memory(pid):
    """Bytes that no other process shares."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return sum(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Private_"))


def voluntary_switches(pid):
    """How often any thread gave up the processor by itself, so far."""
    return sum(
        int(status(f"{pid}/task/{thread}")["voluntary_ctxt_switches"])
        for thread in os.listdir(f"/proc/{pid}/task"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def status(which):
    with open(f"/proc/{which}/status") as lines:
        return dict(line.rstrip("\n").split(":\t", 1) for line in lines if ":\t" in line)


def tool(name):
    """The path of a program: the machine's, or the one that .ci/install unpacked; or None."""
    unpacked = Path(__file__).resolve().parents[3] / ".build" / "tools" / "usr"
    return shutil.which(name) or shutil.which(
        name, path=f"/usr/sbin:{unpacked / 'bin'}:{unpacked / 'sbin'}")
