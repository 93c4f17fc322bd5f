"""CrashWriter as a child process: what it tells, and what it finds."""

import subprocess


class Lost(Exception):
    """A promise that was not kept."""


def numbers(told, first):
    """The numbers in what a writer told, which go up from `first` by one."""
    lines = told.split(b"\n")[:-1]
    found = [int(line) for line in lines]
    if found != list(range(first, first + len(found))):
        raise Lost(f"told {found[:3]}…{found[-3:]} where {first} was next")
    return found


def verify(program, directory):
    """The count of entries in the log, all of which are sound."""
    run = subprocess.run(
        [program, "verify", directory], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    if run.returncode != 0:
        raise Lost(f"verify ended with {run.returncode}: {run.stdout.decode(errors='replace')[-2000:]}")
    return int(run.stdout)
