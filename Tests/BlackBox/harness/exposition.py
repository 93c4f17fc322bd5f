"""Reads Prometheus' text format, as far as the cases need it."""

import re

from .failed import Failed
from .requests import request

SAMPLE = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)(?:\{(.*)\})? (-?[0-9.eE+-]+|NaN|[+-]Inf)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)",?')


class Metrics:
    """One scrape: samples by (name, labels) and types by family name."""

    def __init__(self, text):
        self.text = text
        self.types = {}
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.types[name] = kind
            elif line and not line.startswith("#"):
                self._add(line)

    def _add(self, line):
        match = SAMPLE.fullmatch(line)
        if not match:
            raise Failed(f"not a sample line: {line!r}")
        labels = match[2] or ""
        if LABEL.sub("", labels):
            raise Failed(f"bad labels: {line!r}")
        key = (match[1], tuple(sorted(LABEL.findall(labels))))
        if key in self.samples:
            raise Failed(f"a sample stands twice: {line!r}")
        self.samples[key] = float(match[3])

    def total(self, pattern, **labels):
        """The sum of the samples whose name matches and that have these label values."""
        return sum(
            value for (name, pairs), value in self.samples.items()
            if re.fullmatch(pattern, name) and set(labels.items()) <= set(pairs))

    def counters(self):
        """Everything that may only grow."""
        return {
            key: value for key, value in self.samples.items()
            if self.types.get(key[0]) == "counter" or self.is_histogram_part(key[0])}

    def is_histogram_part(self, name):
        return any(
            name == family + ending for family, kind in self.types.items()
            if kind == "histogram" for ending in ("_bucket", "_sum", "_count"))

    def grown_since(self, earlier):
        """The counters that grew, by (name, labels)."""
        old = earlier.counters()
        return {
            key: value - old.get(key, 0) for key, value in self.counters().items()
            if value > old.get(key, 0)}


def scrape(trial, server=None):
    """The metrics now; the connection that asked is gone before the caller goes on."""
    client = trial.connect(server).send(request("/metrics", "Connection: close"))
    text = client.expect(200).body.decode()
    client.expect_end()
    client.close()
    return Metrics(text)
