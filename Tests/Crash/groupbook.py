"""What clients of a group were given and told, held against what a group promises."""

import threading
import time

# Milliseconds are rounded here and there.
TOLERANCE_SECONDS = 0.01


class Hold:
    """A message on lease, as long as a client can be sure of it."""

    def __init__(self, number, receipt, until, life):
        self.number, self.receipt, self.until, self.life = number, receipt, until, life


class GroupBook:
    """One group, in one topic. Times are of this machine: `asked` before a call, `heard` behind it."""

    def __init__(self, name, topic, ordering, is_mortal, complain):
        self.name, self.topic, self.ordering, self.is_mortal = name, topic, ordering, is_mortal
        self.complain = lambda text: complain(f"{name}: {text}")
        self.lock = threading.RLock()
        self.acked = {}  # When the ack of a message was confirmed.
        self.maybe = set()  # Acks that were sent, and whose answers nobody heard.
        self.seeks = []  # Where each went, by partition.
        self.due = {}  # When a message that failed may come again.
        self.holds = {}
        self.lanes = {}  # What is out of each lane, where the group has an order.
        self.newest = {}  # The last offset of each lane that was handed out for the first time.
        self.seen = set()
        self.deliveries = self.lost = 0

    def lane(self, message):
        """Of what one message at most may be out."""
        lanes = {"none": None, "key": message["key"], "partition": message["partition"]}
        return lanes[self.ordering]

    # Handed out

    def take(self, answer, asked, heard, lease, life):
        """Judges what a pull got."""
        lanes = [self.lane(one) for one in answer["messages"] if self.ordering != "none"]
        if len(set(lanes)) != len(lanes):
            self.complain(f"two messages of one lane come together: {lanes}")
        with self.lock:
            self.deliveries += len(answer["messages"])
            for message in answer["messages"]:
                self._take(message, number_of(message), asked, heard, lease, life)

    def _take(self, message, number, asked, heard, lease, life):
        acked = self.acked.get(number)
        if acked is not None and acked < asked:
            self.complain(f"{number} is handed out {asked - acked:.3f} s after its ack")
        due = self.due.pop(number, heard)
        # A dead letter that is sent back comes at once, as if for the first time.
        is_redriven = self.is_mortal and message["attempt"] == 1
        if heard < due and not is_redriven:
            self.complain(f"{number} comes {due - heard:.3f} s before its time")
        self._judge(self.holds.get(number), message, heard, life, "in two hands")
        hold = Hold(number, message["receipt"], asked + lease - TOLERANCE_SECONDS, life)
        self.holds[number] = hold
        if self.ordering != "none":
            lane = self.lane(message)
            self._judge(self.lanes.get(lane), message, heard, life, "out beside another one of its lane")
            self.lanes[lane] = hold
            if number not in self.seen and message["offset"] <= self.newest.get(lane, -1):
                self.complain(f"{number} comes behind a later one of {lane}")
            self.newest[lane] = max(self.newest.get(lane, -1), message["offset"])
        self.seen.add(number)

    def _judge(self, hold, message, heard, life, wrong):
        """Without an order, a lease does not outlive the server."""
        if hold is None or hold.receipt == message["receipt"] or heard >= hold.until:
            return
        if self.ordering != "none" or hold.life == life:
            self.complain(
                f"{message['id']} is {wrong}, {hold.until - heard:.3f} s before the end of a lease")

    def certain_until(self, message, life):
        """Until when nobody else can get a message that this client has; None if that is over."""
        with self.lock:
            hold = self.holds.get(number_of(message))
            is_mine = hold and hold.receipt == message["receipt"] and hold.life == life
            return hold.until if is_mine else None

    # Settled

    def let_go(self, messages):
        """These are about to be settled, so others may get them from here on."""
        with self.lock:
            for message in messages:
                number = number_of(message)
                hold = self.holds.get(number)
                if hold and hold.receipt == message["receipt"]:
                    del self.holds[number]
                    if self.ordering != "none" and self.lanes.get(self.lane(message)) is hold:
                        del self.lanes[self.lane(message)]

    def ask_ack(self, messages):
        with self.lock:
            self.maybe.update(number_of(one) for one in messages if number_of(one) not in self.acked)
        self.let_go(messages)

    def take_ack(self, messages, result, is_certain):
        """Judges what became of an ack; it was certain if it was answered while its lease ran."""
        others = {one["id"]: one["status"] for one in result.get("messages", [])}
        with self.lock:
            for message in messages:
                number, status = number_of(message), others.get(message["id"], result["status"])
                if status in ("acked", "already_acked"):
                    self.acked.setdefault(number, time.monotonic())
                elif status != "lost":
                    self.complain(f"an ack of {message['id']} is {status}")
                elif is_certain:
                    self.complain(f"an ack of {message['id']} is lost while its lease runs")
                else:
                    self.lost += 1
                self.maybe.discard(number)

    def take_nack(self, message, result, sent, delay):
        if result["status"] not in ("nacked", "lost"):
            self.complain(f"a nack of {message['id']} is {result['status']}")
        if result["status"] == "nacked":
            with self.lock:
                self.due[number_of(message)] = sent + delay - TOLERANCE_SECONDS

    def extend(self, messages, asked, by):
        """Leases last so long from a call on that was answered."""
        with self.lock:
            for message in messages:
                hold = self.holds.get(number_of(message))
                if hold and hold.receipt == message["receipt"]:
                    hold.until = max(hold.until, asked + by - TOLERANCE_SECONDS)

    # Moved

    def sought(self, offsets, places):
        """The group goes on at these offsets: what is behind them comes again."""
        with self.lock:
            self.seeks.append(offsets)
            self.acked = {
                one: when for one, when in self.acked.items() if self._is_passed(one, places)}
            self.maybe = {one for one in self.maybe if self._is_passed(one, places)}
            self.holds, self.due = {}, {}

    def missing(self, numbers, places):
        """Which of these are neither acked, nor maybe, nor passed over by the last seek."""
        with self.lock:
            return [
                one for one in numbers
                if one not in self.acked and one not in self.maybe and not self._is_passed(one, places)]

    def _is_passed(self, number, places):
        """Whether the last seek has left a message behind, settled or not."""
        if not self.seeks or number not in places:
            return False
        partition, offset = places[number]
        return offset < self.seeks[-1][partition]


def number_of(message):
    """A message says in its body which one it is."""
    return int(message["value"].partition(":")[0])
