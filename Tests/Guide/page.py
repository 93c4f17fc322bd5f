"""Reads a page of the guide: its commands, and what they are shown to print."""

import re

FENCE = re.compile(r"```(\w*)")
# What a reader does once, in a terminal of its own.
NOT_RUN = re.compile(r"make\b|git\b")
ENDED_BY_ITS_CLOCK = 28  # What curl says when --max-time is over.


class Block:
    """Commands that stand together: with prompts and answers in `console`, one script in `sh`."""

    def __init__(self, kind, line):
        self.kind, self.line, self.lines = kind, line, []

    @property
    def steps(self):
        if self.kind == "console":
            return self._console_steps()
        script = "\n".join(one for one in self.lines if not NOT_RUN.match(one))
        return [Step(script, None, self.line)] if script.strip() else []

    def _console_steps(self):
        steps = []
        for number, text in enumerate(self.lines, self.line):
            if text.startswith("$ "):
                steps.append(Step(text[2:], "", number))
            elif not steps:
                raise SystemExit(f"line {number}: a console block begins with a command")
            elif not steps[-1].shown and steps[-1].command.endswith("\\"):
                steps[-1].command += "\n" + text
            else:
                steps[-1].shown += text + "\n"
        return steps


class Step:
    """A command, and what its page shows behind it; `shown` is None where that is left out."""

    def __init__(self, command, shown, line):
        self.command, self.shown, self.line = command, shown, line

    def fits(self, printed, code):
        ends = {0, ENDED_BY_ITS_CLOCK} if "--max-time" in self.command else {0}
        return code in ends and (self.shown is None or self.pattern.fullmatch(printed.strip()))

    @property
    def pattern(self):
        """`…` is anything within its line, or any lines where it stands alone; a line that begins with a
        blank goes on with the one before it, which was folded."""
        pattern = ""
        for number, line in enumerate(self.shown.strip().split("\n")):
            if number:
                pattern += r"\s*" if line.startswith(" ") else r"\n"
            rest = re.escape(line.strip()).replace("…", ".*?")
            pattern += "(?s:.*?)" if line.strip() == "…" else rest
        return re.compile(pattern)

    def difference(self, page, printed, code):
        shown = "" if self.shown is None else f"\n--- shown\n{self.shown.strip()}"
        return f"{page}:{self.line}: exit {code}\n$ {self.command}{shown}\n--- printed\n{printed.strip()}"


def blocks(page):
    """The blocks of a page that a reader would run, in order."""
    found, block = [], None
    for number, text in enumerate(page.read_text().splitlines(), 1):
        fence = FENCE.match(text)
        if fence and block is None:
            block = Block(fence[1], number + 1)
        elif fence:
            if block.kind in ("console", "sh"):
                found.append(block)
            block = None
        elif block is not None:
            block.lines.append(text)
    return found
