"""What the disk gives to a bare loop: write, fdatasync, again. No broker can be faster than that."""

import os
import tempfile
import time

PIECE = 1 << 20


class BareLog:
    """A file whose blocks are all written, so that a flush changes data only, as in our segments."""

    def __init__(self, size):
        self.file = tempfile.NamedTemporaryFile(prefix="posthorn-bench-")
        self.size = size
        zeros = bytes(PIECE)
        for start in range(0, size, PIECE):
            os.pwrite(self.file.fileno(), zeros, start)
        os.fsync(self.file.fileno())
        self.at = 0

    def close(self):
        self.file.close()

    def run(self, piece, seconds, pause=0):
        """Writes and flushes pieces of that size; returns the times of each, in seconds.

        With a pause before each, a flush finds processor and disk as idle as one that somebody waits
        for now and then.
        """
        data = os.urandom(piece)
        file = self.file.fileno()
        times = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if pause:
                time.sleep(pause)
            if self.at + piece > self.size:
                self.at = 0
            before = time.perf_counter()
            os.pwrite(file, data, self.at)
            os.fdatasync(file)
            self.at += piece
            times.append(time.perf_counter() - before)
        return times


def share(times, per_mille):
    """The time within which so many of a thousand were done."""
    times = sorted(times)
    return times[min(len(times) - 1, len(times) * per_mille // 1000)]
