"""What a directory may look like after a power cut, told from the journal of recorder.c."""

import os
import struct
import subprocess

OPENED, WRITE_BEGAN, WRITE_ENDED, FLUSH_BEGAN, FLUSH_ENDED, SIZED, RENAMED, REMOVED, MADE, TOLD = range(1, 11)
ZEROS, SYNCED, TRUNCATED = 1, 2, 4
SECTOR = 512
HEADER = struct.Struct("<IIQQqqIIIIQ")


def build_recorder(place):
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorder.c")
    library = os.path.join(place, "recorder.so")
    subprocess.run(
        ["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source,
         "-ldl", "-lpthread"], check=True)
    return library


def moments(chance, count, length):
    """Places in the journal, some of them in the start, where names are made."""
    early = [chance.randrange(min(60, length)) for _ in range(count // 4)]
    return sorted(early + [chance.randrange(length + 1) for _ in range(count - len(early))])


class Record:
    def __init__(self, fields, path, other, data):
        _, self.kind, self.call, self.file, self.place, self.result, self.flags, _, _, _, self.size = fields
        self.path, self.other, self.data = path, other, data


def records(journal):
    """The records of a journal; one that was cut short at its end is left out."""
    with open(journal, "rb") as file:
        while True:
            head = file.read(HEADER.size)
            if len(head) < HEADER.size:
                return
            fields = HEADER.unpack(head)
            assert fields[0] == 0x43455250, "this is no journal"
            flags, path_size, other_size, size = fields[6], fields[7], fields[8], fields[10]
            stored = size if fields[1] in (WRITE_BEGAN, TOLD) and not flags & ZEROS else 0
            rest = file.read(path_size + other_size + stored)
            if len(rest) < path_size + other_size + stored:
                return
            data = rest[path_size + other_size:] if stored else bytes(size if flags & ZEROS else 0)
            yield Record(
                fields, rest[:path_size].decode(), rest[path_size:path_size + other_size].decode(), data)


class Change:
    """Bytes written, or a new size, that no flush has covered yet."""

    def __init__(self, place, data, size=None):
        self.place, self.data, self.size = place, data, size
        self.has_ended = size is not None

    def apply(self, content, sectors=None):
        if self.size is not None:
            grow(content, self.size)
            del content[self.size:]
            return
        end = self.place + len(self.data)
        for start in range(self.place - self.place % SECTOR, end, SECTOR) if sectors else [None]:
            if start is None:
                first, last = self.place, end
            elif sectors():
                first, last = max(start, self.place), min(start + SECTOR, end)
            else:
                continue
            grow(content, last)
            content[first:last] = self.data[first - self.place:last - self.place]


def grow(content, size):
    if len(content) < size:
        content.extend(bytes(size - len(content)))


class File:
    def __init__(self, content=b""):
        self.durable = bytearray(content)
        self.pending = []

    def flush(self, changes):
        for change in changes:
            change.apply(self.durable)
        self.pending = [change for change in self.pending if change not in changes]

    def after_cut(self, random):
        content = bytearray(self.durable)
        changes = list(self.pending)
        random.shuffle(changes)
        for change in changes:
            fate = random.randrange(4)
            if fate == 1:
                change.apply(content)
            elif fate > 1:
                change.apply(content, lambda: random.randrange(2) == 0)
        return bytes(content)


class Directory:
    def __init__(self):
        self.names = {}
        self.durable = {}
        self.pending = []

    def change(self, *steps):
        """Steps that are durable together or not at all: names and what they lead to, or None."""
        self.pending.append(steps)
        self._apply(self.names, steps)

    def flush(self, changes):
        for steps in changes:
            self._apply(self.durable, steps)
        self.pending = [steps for steps in self.pending if steps not in changes]

    @staticmethod
    def _apply(names, steps):
        for name, node in steps:
            if node is None:
                names.pop(name, None)
            else:
                names[name] = node

    def after_cut(self, random):
        names = dict(self.durable)
        for steps in self.pending[:random.randint(0, len(self.pending))]:
            self._apply(names, steps)
        return names


class Disk:
    """The files below `root`, as the journal goes on; `lies` makes flushes do nothing."""

    def __init__(self, root, lies=False):
        self.root = os.path.realpath(root)
        self.lies = lies
        self.top = self._load(self.root)
        self.nodes = {}
        self.calls = {}
        self.told = {}

    def _load(self, path):
        directory = Directory()
        for entry in os.scandir(path):
            if entry.is_dir():
                node = self._load(entry.path)
            else:
                with open(entry.path, "rb") as file:
                    node = File(file.read())
            directory.names[entry.name] = directory.durable[entry.name] = node
        return directory

    def _parent(self, path):
        steps = os.path.relpath(path, self.root).split("/")
        directory = self.top
        for step in steps[:-1]:
            directory = directory.names[step]
        return directory, steps[-1]

    def take(self, record):
        kind = record.kind
        if kind == OPENED:
            self._opened(record)
        elif kind == WRITE_BEGAN:
            change = Change(record.place, record.data)
            node = self.nodes[record.file]
            node.pending.append(change)
            self.calls[record.call] = (node, change, record.flags & SYNCED)
        elif kind == WRITE_ENDED:
            self._write_ended(record)
        elif kind == FLUSH_BEGAN:
            node = self.nodes[record.file]
            covered = [
                change for change in node.pending
                if isinstance(node, Directory) or change.has_ended]
            self.calls[record.call] = (node, covered)
        elif kind == FLUSH_ENDED:
            node, covered = self.calls.pop(record.call)
            if record.result == 0 and not self.lies:
                node.flush(covered)
        elif kind == SIZED:
            self.nodes[record.file].pending.append(Change(0, b"", record.place))
        elif kind == TOLD:
            self.told[record.file] = self.told.get(record.file, b"") + record.data
        else:
            self._name_changed(record)

    def _opened(self, record):
        if record.path == self.root:
            self.nodes[record.file] = self.top
            return
        directory, name = self._parent(record.path)
        if name not in directory.names:
            directory.change((name, File()))
        node = directory.names[name]
        self.nodes[record.file] = node
        if record.flags & TRUNCATED:
            node.pending.append(Change(0, b"", 0))

    def _write_ended(self, record):
        node, change, is_synced = self.calls.pop(record.call)
        if record.result < 0:
            # What a failed write left behind nobody knows: it stays in doubt.
            return
        change.data = change.data[:record.result]
        change.has_ended = True
        if is_synced and not self.lies:
            node.flush([change])

    def _name_changed(self, record):
        directory, name = self._parent(record.path)
        if record.kind == MADE:
            directory.change((name, Directory()))
        elif record.kind == REMOVED:
            directory.change((name, None))
        else:
            other, new = self._parent(record.other)
            node = directory.names[name]
            if other is directory:
                directory.change((new, node), (name, None))
            else:
                other.change((new, node))
                directory.change((name, None))

    def cut(self, target, random):
        """Writes into `target`, which is empty, one of the states that a power cut now may leave."""
        self._write(self.top, target, random)

    def _write(self, directory, target, random):
        for name, node in sorted(directory.after_cut(random).items()):
            path = os.path.join(target, name)
            if isinstance(node, Directory):
                os.mkdir(path)
                self._write(node, path, random)
            else:
                with open(path, "wb") as file:
                    file.write(node.after_cut(random))
