"""A response, read strictly, and the rules that hold for every response of the server."""

import json
import re
import zlib
from email.utils import parsedate_to_datetime

from .failed import Failed

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) ([\t\x20-\x7e]*)")
FIELD_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x20-\x7e\x80-\xff\t]*?)[ \t]*")
IMF_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT")
PROBLEM_MEMBERS = {
    "type": str, "title": str, "status": int, "detail": str,
    "code": str, "retryable": bool, "outcome": str, "request_id": str,
}
# What would tell a stranger how the program is built: source files, modules, crash texts.
INSIDES = re.compile(r"\.swift\b|/Sources/|\.build/|Fatal error|\bSwift\.|Optional\(|/proc/|/tmp/")


class Response:
    def __init__(self, head):
        lines = head[:-4].split(b"\r\n")
        match = STATUS_LINE.fullmatch(lines[0])
        if not match:
            raise Failed(f"not a status line: {lines[0]!r}")
        self.status = int(match[1])
        self.reason = match[2].decode()
        self.fields = []
        for line in lines[1:]:
            match = FIELD_LINE.fullmatch(line)
            if not match:
                raise Failed(f"not a field line: {line!r}")
            self.fields.append((match[1].decode(), match[2].decode("latin-1")))
        self.body = b""
        self.trailers = []

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    def tokens(self, name):
        """The members of a comma-separated field, in lower case."""
        members = ",".join(self.all(name)).split(",")
        return [member.strip().lower() for member in members if member.strip()]

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Failed(f"the body is not JSON ({error}): {self.body[:200]!r}") from None

    def decoded(self):
        """The body with its content coding undone."""
        coding = self.get("Content-Encoding")
        if coding is None:
            return self.body
        try:
            if coding == "gzip":
                return zlib.decompress(self.body, 31)
            if coding == "deflate":
                return zlib.decompress(self.body, 15)
        except zlib.error as error:
            raise Failed(f"the body is not {coding}: {error}") from None
        raise Failed(f"nobody asked for the coding {coding!r}")

    @property
    def closes(self):
        return "close" in self.tokens("Connection")

    def check_framing(self):
        """One framing field, and none where the status forbids a body."""
        lengths, codings = self.all("Content-Length"), self.all("Transfer-Encoding")
        if len(lengths) + len(codings) > 1:
            raise Failed("more than one framing field")
        if (self.status < 200 or self.status == 204) and (lengths or codings):
            raise Failed(f"a {self.status} has a framing field")
        if lengths and not re.fullmatch(r"[0-9]{1,18}", lengths[0]):
            raise Failed(f"bad Content-Length {lengths[0]!r}")

    def check_rules(self, to_head):
        """What every final response has; problems also have their members."""
        for name in ("Date", "Request-Id", "Content-Type", "Content-Encoding"):
            if len(self.all(name)) > 1:
                raise Failed(f"{name} stands twice")
        date = self.get("Date")
        if date is None or not IMF_DATE.fullmatch(date):
            raise Failed(f"Date is {date!r}")
        parsedate_to_datetime(date)
        if not re.fullmatch(r"[\x21-\x7e]{1,128}", self.get("Request-Id") or ""):
            raise Failed(f"Request-Id is {self.get('Request-Id')!r}")
        if self.body and not self.get("Content-Type"):
            raise Failed("a body without Content-Type")
        if self.status >= 400 and not (self.status == 503 and self.is_plain):
            self.check_problem(to_head)

    @property
    def is_plain(self):
        return (self.get("Content-Type") or "").startswith("text/plain")

    def check_problem(self, to_head):
        if self.get("Content-Type") != "application/problem+json":
            raise Failed(f"an error as {self.get('Content-Type')!r}")
        if to_head:
            return
        problem = self.json()
        for name, kind in PROBLEM_MEMBERS.items():
            if type(problem.get(name)) is not kind or problem[name] == "":
                raise Failed(f"member {name} of the problem is {problem.get(name)!r}")
        # A head that could not be read names no target, so it has no instance.
        if problem.get("instance", "/") == "":
            raise Failed("instance is empty")
        if problem["status"] != self.status:
            raise Failed(f"the problem says {problem['status']}, the status line {self.status}")
        if problem["outcome"] not in ("none", "done", "unknown"):
            raise Failed(f"outcome is {problem['outcome']!r}")
        if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", problem["code"]):
            raise Failed(f"code is {problem['code']!r}")
        if problem["request_id"] != self.get("Request-Id"):
            raise Failed("request_id is not the Request-Id")
        if self.status in (429, 503) and not self.get("Retry-After"):
            raise Failed(f"a {self.status} without Retry-After")
        if INSIDES.search(self.body.decode("utf-8")):
            raise Failed("the problem shows the program's insides")
