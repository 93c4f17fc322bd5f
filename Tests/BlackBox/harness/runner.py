"""Runs cases on a few threads (most of them wait), prints each, and counts."""

import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

from .failed import Failed
from .suite import Trial

WORKERS = 16
SHOWN_BYTES = 1500
SHOWN_ENTRIES = 12
SHOWN_FAILURES = 20  # More than that have one cause, and nobody reads on.


class Runner:
    def __init__(self, suites, pattern, with_measures):
        self.passed = 0
        self.failures = []
        self.lock = threading.Lock()
        self.suites = suites
        self.cases = [
            case for suite in suites for case in suite.cases
            if pattern in case.name and (with_measures or not case.measures)]
        self.left = {suite: 0 for suite in suites}
        for case in self.cases:
            self.left[case.suite] += 1

    def run(self):
        ordered = sorted(self.cases, key=lambda case: not case.slow)
        pool = ThreadPoolExecutor(WORKERS)
        try:
            for future in [pool.submit(self.run_case, case) for case in ordered]:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
        if self.failures:
            print("\nFailed:")
            for name in self.failures:
                print(f"  {name}")
        print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures or not self.passed else 0

    def run_case(self, case):
        trial = Trial(case.suite)
        failure = attempt(lambda: case.function(trial))
        ending = attempt(trial.finish)
        # The first thing that went wrong is the interesting one.
        self.report(case.name, failure or ending, trial.record)
        with self.lock:
            self.left[case.suite] -= 1
            is_last = self.left[case.suite] == 0
        if is_last:
            name = f"{case.suite.topic}: the server that all of these shared is alive and well"
            self.report(name, attempt(case.suite.finish), [])

    def report(self, name, failure, record):
        with self.lock:
            if failure is None:
                self.passed += 1
                print(f"ok    {name}", flush=True)
                return
            self.failures.append(name)
            print(f"FAIL  {name}\n      {failure}", flush=True)
            if len(self.failures) > SHOWN_FAILURES:
                return
            for line in transcript(record):
                print(f"        {line}", flush=True)


def attempt(action):
    """What went wrong, as text, or None."""
    try:
        action()
        return None
    except Failed as failure:
        return str(failure).rstrip().replace("\n", "\n      ") + place_of_failure()
    except Exception:
        return "the case itself broke:\n" + traceback.format_exc()


def place_of_failure():
    """The line of the suite that failed: the last frame outside the harness."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    outside = [frame for frame in frames if "/harness/" not in frame.filename]
    if not outside:
        return ""
    return f" ({outside[-1].filename.rsplit('/', 1)[-1]}:{outside[-1].lineno})"


def transcript(record):
    """What was sent and received, in order, cut where it is long."""
    if not record:
        return
    start = record[0][0]
    entries = list(merged(record))
    for time, number, what, data in entries[-SHOWN_ENTRIES:]:
        text = f"{time - start:7.3f} s  #{number} {what}"
        if data:
            text += f" {len(data)} bytes: {shown(bytes(data))}"
        yield text


def merged(record):
    """Joins neighbouring entries of one kind, so that a dribbled request is one line."""
    last = None
    for time, number, what, data in record:
        if last and last[1] == number and last[2] == what and data:
            if len(last[3]) < 4 * SHOWN_BYTES:
                last[3].extend(data)
            continue
        if last:
            yield last
        last = [time, number, what, bytearray(data[:8 * SHOWN_BYTES])]
    if last:
        yield last


def shown(data):
    if len(data) <= SHOWN_BYTES:
        return repr(data)[1:]
    return f"{data[:SHOWN_BYTES // 2]!r} … {data[-SHOWN_BYTES // 2:]!r}"
