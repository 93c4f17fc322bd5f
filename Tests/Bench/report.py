"""Prints each figure as it is known, with its target, and keeps all for --json."""

import os
import platform
import statistics
import subprocess
import sys
import time

from harness.server import Server


class Report:
    def __init__(self):
        self.bench = None
        self.results = []
        self.skipped = []
        self.broken = False
        self.shows_progress = sys.stderr.isatty()
        self.load_before = os.getloadavg()[0]
        print(f"{version()}; {machine()}; load average {self.load_before:.1f}")

    def begin(self, bench, text):
        """What follows belongs to this bench."""
        self._clear()
        self.bench = bench
        print(f"\n{text}", flush=True)

    def progress(self, text):
        if self.shows_progress:
            sys.stderr.write(f"\r\x1b[K  {text} …")
            sys.stderr.flush()

    def figure(self, name, unit, rounds):
        """One server's figure: a median over rounds, with the least and the most."""
        self._clear()
        median = statistics.median(rounds)
        print(f"  {name:34} {shown(median):>10} {unit:12} "
              f"({shown(min(rounds))} to {shown(max(rounds))})", flush=True)
        self.results.append({
            "bench": self.bench, "name": name, "unit": unit, "median": median, "rounds": rounds})
        return median

    def ratio(self, name, values, **target):
        """The median of one ratio a round, so that what slows a whole round falls out."""
        self.target(name, statistics.median(values), rounds=values, **target)

    def target(self, name, value, at_least=None, at_most=None, digits=2, rounds=()):
        """A figure with a target."""
        self._clear()
        spread = f"({shown(min(rounds))} to {shown(max(rounds))})" if rounds else ""
        met = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        target = f"at least {at_least}" if at_least is not None else f"at most {at_most}"
        verdict = "met" if met else "MISSED"
        print(f"  {name:34} {value:>10.{digits}f} {'':12} {spread:20} target {target}: {verdict}",
              flush=True)
        self.results.append({
            "bench": self.bench, "name": name, "value": value, "rounds": list(rounds),
            "at_least": at_least, "at_most": at_most, "met": met})

    def note(self, text):
        self._clear()
        print(f"  {text}", flush=True)

    def skip(self, name, reason):
        self._clear()
        print(f"\nSKIPPED {name}: {reason}", flush=True)
        self.skipped.append({"name": name, "reason": reason})

    def error(self, text):
        self._clear()
        print(f"  WRONG: {text}", flush=True)
        self.broken = True

    def finish(self):
        missed = [f"{result['bench']}: {result['name']}" for result in self.results
                  if result.get("met") is False]
        print()
        for result in self.skipped:
            print(f"skipped: {result['name']} ({result['reason']})")
        if missed:
            print(f"below target: {'; '.join(missed)}")
        elif any("met" in result for result in self.results):
            print("every target that was measured is met")

    def as_object(self):
        return {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "version": version(),
            "machine": machine(), "load_before": self.load_before, "results": self.results, "skipped": self.skipped,
        }

    def _clear(self):
        if self.shows_progress:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def shown(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}"


def version():
    ran = subprocess.run([Server.binary, "version"], capture_output=True, text=True)
    return ran.stdout.strip() or os.path.basename(Server.binary)


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as cpus:
        for line in cpus:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{os.cpu_count()} cores, {model}, Linux {platform.release()}"
