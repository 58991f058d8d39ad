#!/usr/bin/env python3
"""Verify an evidence pack of Docket: without a network, without the service, with Python 3.9 or later alone.

    python3 verify.py                              the pack in whose folder this file lies
    python3 verify.py --key VKEY FOLDER_OR_ZIP     any pack, as the holder of this key signed it

It was written from docs/event-format.md, docs/lifecycle-definition.md and docs/pack-format.md, which say what must
hold. It reads the pack and the files that it is given, and nothing else. Whoever does not trust the copy in a pack
takes one from elsewhere: they do the same.
"""

import argparse
import base64
import hashlib
import itertools
import json
import os
import pathlib
import re
import struct
import sys
import uuid
import zlib
from datetime import datetime, timezone

MAX_PACK, MAX_FILE, MAX_JSON, MAX_DEFINITION, MAX_NOTE = 1 << 30, 64 << 20, 8 << 20, 1 << 20, 64 << 10
MAX_ZIP = MAX_PACK + MAX_FILE
MAX_NUMBER, MAX_DEPTH, MAX_DIVERGENCES, MAX_EVENTS_OF_A_COMMAND, MAX_LINES, MAX_REGIONS = 2**53 - 1, 32, 100, 10_000, 1_000, 16
TOLERANCE = 300  # Seconds by which clocks may differ.

class Refused(ValueError):
    """What was read is not what the pages ask for; the text says why."""
    code = None

class NotThere(Refused):
    """A file of the pack is not there, which is told once, as `bag`: what needs it is passed over."""

class NotJson(Refused):
    code = "json"

class UnknownForm(Refused):
    code = "unknown-form"

def require(condition, why, kind=Refused):
    if not condition:
        raise kind(why)

def because(problem):
    """Why something was refused, in words of this program and never of Python's."""
    if isinstance(problem, Refused):
        return str(problem)
    if isinstance(problem, UnicodeError):
        return "is no UTF-8, or has a lone surrogate"
    return "is no JSON" if isinstance(problem, json.JSONDecodeError) else "is not what it must be"

def sha256(data):
    return hashlib.sha256(data).digest()

# Canonical JSON (RFC 8785), in which a pack has no numbers but whole ones.

def parse_json(data):
    """The value of canonical JSON. Members that stand in order stay so: to write it anew tells every other spelling."""
    try:
        require(len(data) <= MAX_JSON, "is too large")
        parsers = {"parse_int": _whole, "parse_float": _odd, "parse_constant": _odd}
        value = json.loads(data.decode(), object_pairs_hook=_object, **parsers)
        require(_depth(value) <= MAX_DEPTH, "is nested deeper than %d" % MAX_DEPTH)
        require(canonical(value) == data, "is not written canonically")
        return value
    except Exception as problem:
        raise NotJson(because(problem)) from None

def _object(pairs):
    names = [name for name, _ in pairs]
    require(names == sorted(set(names), key=utf16), "has a name twice, or names in another order")
    return dict(pairs)

def _whole(digits):
    # The length comes first: to turn a million digits into a number takes long, and newer Pythons refuse it.
    require(len(digits) <= 17 and abs(int(digits)) <= MAX_NUMBER, "has a number beyond 2^53-1")
    return int(digits)

def _odd(digits):
    raise Refused("has a number that is not whole")

def _depth(value):
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inside), default=0) if isinstance(value, (dict, list)) else 0

def utf16(text):
    """What RFC 8785 orders names by. Python orders texts by code points, which is not the same."""
    return text.encode("utf-16-be")

def canonical(value):
    """Canonical JSON of a value whose names are in order: json.dumps writes texts as ECMAScript does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

# Shapes: a pattern is that of a text, (a, b) is one or the other, [a] a list, {name: a} an object with these members
# and no others, ... a member that is not there; a function says for itself.

def fits(value, shape):
    if isinstance(shape, dict):
        return not unfit(value, shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return shape(value) if callable(shape) else value is shape

def unfit(value, shape):
    """The names of an object's members that are missing, unknown, or not of their shape."""
    if not isinstance(value, dict):
        return ["all"]
    return [name for name in {**shape, **value} if name not in shape or not fits(value.get(name, ...), shape[name])]

def mapping(names, shape):
    return lambda value: isinstance(value, dict) and all(fits(n, names) and fits(value[n], shape) for n in value)

def instant(value):
    try:
        return _instant(value)
    except (TypeError, ValueError):  # It is far from one.
        return False

def _instant(value):
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").isoformat(timespec="milliseconds") + "Z" == value

def seconds_of(value):
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()

def instant_of(seconds):
    """None after the year 9999, which programs write differently."""
    at = seconds <= 253402300799 and datetime.fromtimestamp(seconds, timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z") if at else None

def day(value):
    return isinstance(value, str) and instant(value + "T00:00:00.000Z")

def whole(value):
    return type(value) is int  # True is a number to Python, and none to JSON.

def positive(value):
    return whole(value) and value >= 1

TEXT, NAME, DIGEST, HEX16 = map(re.compile, (r"[\s\S]*", r"[a-z0-9-]{1,63}", r"[0-9a-f]{64}", r"[0-9a-f]{32}"))
KIND = re.compile(r"[A-Z][A-Za-z0-9]*(\.[a-z0-9-]+)?")
CHALLENGE = re.compile(r"[\x20-\x7e]{1,128}")
UUID, POINTER = map(re.compile, (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"/data(/([^~/]|~[01])*)+"))
ENVELOPE = {
    "envelope": whole, "eventId": UUID, "type": TEXT, "schemaVersion": positive, "streamId": TEXT, "version": positive,
    "recordedAt": instant, "effectiveOn": day, "actor": {"subject": TEXT, "roles": [TEXT]},
    "command": {"id": UUID, "name": TEXT, "digest": (DIGEST, None)},
    "decision": ({"role": TEXT, "guards": [TEXT]}, None), "correlationId": TEXT, "causationId": (TEXT, None),
    "origin": re.compile(r"command|import|sweep"),
    "lifecycle": ({"name": TEXT, "version": positive, "digest": DIGEST}, None), "state": (mapping(TEXT, TEXT), None),
    "data": mapping(TEXT, lambda value: True), "nonce": HEX16, "commitments": mapping(POINTER, DIGEST),
    "salts": mapping(POINTER, HEX16), "previousHash": (DIGEST, None), "hash": DIGEST,
}
ROOT = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")  # 32 bytes in base64
BEGUN = {"origin": TEXT, "reason": TEXT, "before": ({"origin": TEXT, "size": positive, "root": ROOT}, None)}
WITHHELD = [{"code": re.compile(r"[A-Za-z0-9().-]{1,32}"), "pointer": TEXT, "version": whole}]

def arrows(target):
    return (mapping(KIND, (target, {"target": target, "guard": NAME})), ...)

SIMPLE = {"schemaVersion": positive, "sensitive": ([TEXT], ...)}
RULES = (
    {"kind": re.compile(r"first|note"), **SIMPLE},
    {"kind": re.compile(r"move"), "owner": NAME, "countsFor": ([NAME], ...), **SIMPLE},
)
REGION = {"initial": NAME, "on": arrows(re.compile(r"\.[a-z0-9-]{1,63}")), "states": mapping(NAME, {"on": arrows(NAME)})}
DEFINITION = {
    "name": NAME, "version": positive, "statusRegion": NAME, "thresholds": mapping(TEXT, whole),
    "machine": {"id": TEXT, "type": re.compile(r"parallel"), "states": mapping(NAME, REGION)},
    "guards": mapping(NAME, {"region": NAME, "in": [NAME]}), "events": mapping(KIND, RULES),
}

# Ed25519 (RFC 8032), verified strictly. A point is (X, Y, Z, T) with x = X/Z, y = Y/Z and xy = T/Z.

P, ORDER, NEUTRAL = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493, (0, 1, 1, 0)
D, SQRT_OF_MINUS_1 = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)

def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def point_times(scalar, p):
    result = NEUTRAL
    while scalar:
        result = point_add(result, p) if scalar & 1 else result
        p, scalar = point_add(p, p), scalar >> 1
    return result

def point_equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

def point_decode(data):
    """The point of 32 bytes; None where there is none, where it has another encoding, or where it is of small order."""
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    x_squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x_squared, (P + 3) // 8, P)
    x = x if x * x % P == x_squared else x * SQRT_OF_MINUS_1 % P
    if len(data) != 32 or y >= P or x * x % P != x_squared or (x == 0 and sign):
        return None
    x = x if x % 2 == sign else P - x
    point = x, y, 1, x * y % P
    return None if point_equal(point_times(8, point), NEUTRAL) else point

BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519_holds(public_key, message, signature):
    a, r, s = point_decode(public_key), point_decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return point_equal(point_times(s, BASE), point_add(r, point_times(k, a)))

# Keys, signed notes, checkpoints and policies (C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy).

LOG, WITNESS = 0x01, 0x04

def decode_base64(text, length=None):
    """Standard base64 as an encoder writes it: other spellings of the same bytes are refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("has base64 that is wrong") from None
    require(base64.b64encode(data).decode() == text and length in (None, len(data)), "has base64 that is wrong")
    return data

def decode_decimal(text):
    require(re.fullmatch(r"0|[1-9][0-9]{0,15}", text) and int(text) <= MAX_NUMBER, "has no number from 0 to 2^53-1")
    return int(text)

class Key:
    """A verifier key, `<name>+<id>+<base64>`."""

    def __init__(self, vkey, kind):
        found = re.fullmatch(r"([^\s+\x00-\x1f]+)\+([0-9a-f]{8})\+(\S+)", vkey)
        require(found, "a key is <name>+<id>+<base64>, the key itself and not the name of its file: " + vkey)
        self.name, identity, encoded = found.groups()
        material = decode_base64(encoded, 33)
        self.id, self.public = sha256(self.name.encode() + b"\n" + material)[:4], material[1:]
        require(material[0] == kind and identity == self.id.hex(), "a key of another type, or with another id: " + vkey)
        require(point_decode(self.public), "a key that is no point of the curve, or one of small order: " + vkey)

class Note:
    """A text, and the lines of those who signed it."""

    def __init__(self, data):
        is_plain = len(data) <= MAX_NOTE and not re.search(rb"[\x00-\x09\x0b-\x1f]", data)
        require(is_plain, "is a note with control characters, or too large")
        text, empty_line, lines = data.decode().rpartition("\n\n")
        is_note = empty_line and lines.endswith("\n") and lines.count("\n") <= 64
        require(is_note, "is no signed note, or has more than 64 signatures")
        self.text, self.bytes = text + "\n", text.encode() + b"\n"
        self.signatures = [self._signature(line) for line in lines[:-1].split("\n")]

    def _signature(self, line):
        found = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        data = decode_base64(found[2]) if found else b""
        require(len(data) > 4, "has a line that is no signature")
        return found[1], data[:4], data[4:]

    def by(self, key):
        return [signature for name, identity, signature in self.signatures if (name, identity) == (key.name, key.id)]

    def signers(self, keys):
        """Those of the logs' keys that signed. A signature of a known key that does not hold spoils the note."""
        for key in keys:
            for signature in self.by(key):
                require(ed25519_holds(key.public, self.bytes, signature), "has a false signature of " + key.name)
        return [key for key in keys if self.by(key)]

    def cosigned_at(self, key):
        """When a witness signed, in seconds since 1970; None where no signature of it holds."""
        at = None
        for signature in self.by(key):
            seconds = int.from_bytes(signature[:8], "big")
            message = b"cosignature/v1\ntime %d\n" % seconds + self.bytes
            if len(signature) == 72 and seconds < 1 << 63 and ed25519_holds(key.public, message, signature[8:]):
                at = seconds
        return at

    def cosigners(self, keys):
        return [(key.name, at) for key in keys for at in [self.cosigned_at(key)] if at is not None]

class Checkpoint(Note):
    """How many events a log has, and the root of their tree."""

    def __init__(self, data):
        super().__init__(data)
        self.origin, *lines = self.text.split("\n")
        is_one = self.origin and len(lines) == 3 and not self.origin.startswith("docket-pack/")
        require(is_one, "is not the three lines of a checkpoint")
        self.size, self.root = self.head = decode_decimal(lines[0]), decode_base64(lines[1], 32)

class Policy:
    """Whom a verifier trusts: logs, witnesses, and of which of them it asks that they signed a checkpoint."""

    def __init__(self, data):
        lines = data.decode("latin-1").split("\n")  # Names are octets: latin-1 has a character for each.
        require(len(data) <= MAX_NOTE and len(lines) <= MAX_LINES, "is a policy that is too large")
        require(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data), "is a policy with a control character")
        self.logs, self.witnesses, self.rules, self.members, self.quorum = [], [], {}, set(), None
        self.is_none, self.examiners, self.examiner_names, self.needed = False, [], set(), None
        for words in (re.findall(r"[^ \t]+", line) for line in lines):
            if words and words[0][0] != "#":
                self._add(*words)
        require(self.quorum, "is a policy without a quorum")
        self.needed = self.needed or len(self.examiners)

    def _add(self, keyword, name="", *words):
        """A rule says of a checkpoint whether a witness signed it, or as many of a group as are asked for."""
        is_free, of_group = name not in {"none", *self.rules}, words[1:]
        if keyword == "log" and len(words) <= 1:
            self._key(name, LOG, self.logs)
        elif keyword == "witness" and len(words) in (1, 2) and is_free:
            key = self._key(words[0], WITNESS, self.witnesses)
            self.rules[name] = lambda checkpoint: checkpoint.cosigned_at(key) is not None
        elif keyword == "group" and of_group and is_free and self.rules.keys() - self.members >= {*of_group}:
            count = {"any": 1, "all": len(of_group)}.get(words[0]) or decode_decimal(words[0])
            require(1 <= count <= len(of_group) == len({*of_group}), "is a policy with a group that is wrong: " + name)
            rules = [self.rules[member] for member in of_group]
            self.rules[name] = lambda checkpoint: sum(rule(checkpoint) for rule in rules) >= count
            self.members.update(of_group)
        elif keyword == "quorum" and not words and not self.quorum and name in {"none", *self.rules}:
            self.quorum, self.is_none = self.rules.get(name, lambda checkpoint: False), name == "none"
        elif keyword == "examiner" and len(words) == 1 and name not in self.examiner_names:
            self.examiner_names.add(name)
            self._key(words[0], WITNESS, self.examiners)
        elif keyword == "examiners" and not words and not self.needed:
            self.needed = decode_decimal(name)
            require(1 <= self.needed <= len(self.examiners), "is a policy that needs more examiners than it has")
        else:
            raise Refused("is a policy with a line that is wrong: %s %s" % (keyword, name))

    def _key(self, vkey, kind, others):
        key = Key(vkey.encode("latin-1").decode(), kind)
        others_too = [*self.logs, *self.witnesses] if others is self.examiners else self.examiners
        require(all(key.public != other.public for other in [*others, *others_too]), "is a policy with a key twice")
        others.append(key)
        return key

# The log's tree (RFC 6962, 2.1), and the paths that lead up in it (RFC 9162, 2.1.3.2 and 2.1.4.2).

def node_hash(left, right):
    return sha256(b"\1" + left + right)

def climb(index, last, start, path):
    """Where a path leads to from a place: to the root of it and what stands to the left of it, and to that of all."""
    left = all_of_it = start
    for beside in path:
        require(last > 0, "has a path that is too long")
        if index & 1 or index == last:
            left, all_of_it = node_hash(beside, left), node_hash(beside, all_of_it)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            all_of_it = node_hash(all_of_it, beside)
        index, last = index >> 1, last >> 1
    require(last == 0, "has a path that is too short")
    return left, all_of_it

def check_consistency(first, second, path):
    """Whether a path leads from an earlier checkpoint to a later one."""
    require(0 < first.size <= second.size, "leads from no events, or back")
    if first.size == second.size:
        require(first.root == second.root and not path, "does not lead from a checkpoint to itself")
        return
    index, last = first.size - 1, second.size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    require(path or not index, "has a path that is too short")
    start, *path = path if index else [first.root, *path]
    require(climb(index, last, start, path) == (first.root, second.root), "leads to another root")

# Events, and the values in them that can be erased or withheld.

def holder_of(event, pointer):
    """What the value of a pointer is or was in, and under which name; (None, name) where the way there is gone."""
    *way, name = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    value = event
    for token in way:
        if isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", token) and int(token) < len(value):
            value = value[int(token)]
        elif isinstance(value, dict) and token in value:
            value = value[token]
        else:
            return None, name
    return value, name

def is_there(event, pointer):
    holder, name = holder_of(event, pointer)
    return isinstance(holder, dict) and name in holder

def check_hash(event):
    """SHA-256 of what is sealed: commitments, and not the values that they stand for."""
    sealed = json.loads(canonical({name: value for name, value in event.items() if name not in ("hash", "salts")}))
    for pointer in event["commitments"]:
        holder, name = holder_of(sealed, pointer)
        if isinstance(holder, dict):
            holder.pop(name, None)
    require(sha256(canonical(sealed)).hex() == event["hash"], "is not what was sealed: it has another hash")

def check_commitments(event):
    """A value that is there has its salt, and both give its commitment."""
    for pointer, commitment in event["commitments"].items():
        salt, (holder, name) = event["salts"].get(pointer), holder_of(event, pointer)
        both = is_there(event, pointer) == (salt is not None)
        require(both, pointer + " has a salt without its value, or is there without a salt")
        given = salt is None or sha256(bytes.fromhex(salt) + canonical(holder[name])).hex() == commitment
        require(given, pointer + " is not what was sealed")

def check_alone(event):
    """An event whose stream is not in the pack: nothing of it may be withheld."""
    require((event["version"] == 1) == (event["previousHash"] is None), "does not go with its previousHash")
    check_hash(event)
    check_commitments(event)
    require(all(is_there(event, pointer) for pointer in event["commitments"]), "withholds something")

def event_id(command_id, number):
    """The UUID that a command gives to its event of this number."""
    return str(uuid.uuid5(uuid.UUID(command_id), str(number)))

# Lifecycles: which events are legal, and to which state they lead.

def places_of(regions):
    """Each place, (region, state), with what leads on from it; what leads on from all states of a region is at None."""
    for name, region in regions.items():
        for state, place in {None: region, **region["states"]}.items():
            yield (name, state), place.get("on", {})

def arrow_of(arrow):
    """The target and the guard; at a region, a target has a dot before it."""
    target, guard = (arrow, None) if isinstance(arrow, str) else (arrow["target"], arrow["guard"])
    return target.lstrip("."), guard

def reserved_in(value):
    """The types of events of the kind that is reserved for moving a record to another lifecycle."""
    events = value.get("events") if isinstance(value, dict) else None
    rules = events.items() if isinstance(events, dict) else ()
    return [kind for kind, rule in rules if isinstance(rule, dict) and rule.get("kind") == "migration"]

class Lifecycle:
    """A definition that can be replayed. `arrows` has the target and the guard by region, state and type of event."""

    def __init__(self, data):
        require(len(data) <= MAX_DEFINITION, "is too large")
        value = parse_json(data)
        wrong = reserved_in(value)
        require(not wrong, "declares a migration, which this verifier cannot replay; use a later one: " + ", ".join(wrong))
        wrong = unfit(value, DEFINITION)
        require(not wrong, "has members that are missing or wrong: " + ", ".join(wrong))
        self.digest, self.name, self.version = sha256(data).hex(), value["name"], value["version"]
        self.rules, regions = value["events"], value["machine"]["states"]
        require(len(regions) <= MAX_REGIONS, "has too many regions")
        self.initial = {name: region["initial"] for name, region in regions.items()}
        self.guards = {name: (guard["region"], {*guard["in"]}) for name, guard in value["guards"].items()}
        places = dict(places_of(regions))
        self.arrows = {(*place, kind): arrow_of(arrow) for place, on in places.items() for kind, arrow in on.items()}
        require(self._reached(places) == places.keys(), "has a state that nothing leads to, or leads to what is none")
        self._check_names(regions.keys(), places.keys(), value["statusRegion"])

    def _reached(self, places):
        reached, waiting = set(), [(name, at) for name, initial in self.initial.items() for at in (None, initial)]
        for place in waiting:  # A list is walked through what is added meanwhile.
            on = places.get(place, {}) if place not in reached else {}
            waiting += [(place[0], arrow_of(arrow)[0]) for arrow in on.values()]
            reached.add(place)
        return reached

    def _check_names(self, regions, places, status_region):
        moves = {kind: rule for kind, rule in self.rules.items() if rule["kind"] == "move"}
        taken = {(region, kind) for region, _, kind in self.arrows}
        twice = [kind for region, at, kind in self.arrows if at and (region, None, kind) in self.arrows]
        named = {status_region, *(region for rule in moves.values() for region in rule.get("countsFor", []))}
        require(not twice, "has an event of a region and of a state of it: " + ", ".join(twice))
        require({kind for _, kind in taken} <= moves.keys(), "has an arrow for what is no move")
        require({(rule["owner"], kind) for kind, rule in moves.items()} <= taken, "has a move its owner never takes")
        require(named <= regions, "names a region that it has not")
        require({guard for _, guard in self.arrows.values()} <= {None, *self.guards}, "asks for a guard it has not")
        for region, states in self.guards.values():
            require(states and {(region, state) for state in states} <= places, "has a guard of no state")
        require([rule["kind"] for rule in self.rules.values()].count("first") == 1, "has not one event that is first")

    def check_state(self, event, before):
        """Whether an event is legal in the state before it, and leads to the one that it says."""
        rule, after, took = self.rules.get(event["type"]), dict(before), set()
        require(rule, "is of a type that the lifecycle does not know")
        is_first = rule["kind"] == "first"
        require(is_first == (event["version"] == 1), "makes the record, and is not version 1, or the other way round")
        for region in self.initial if rule["kind"] == "move" else ():
            everywhere = self.arrows.get((region, None, event["type"]), (None, None))
            target, guard = self.arrows.get((region, before.get(region), event["type"]), everywhere)
            place, states = self.guards.get(guard, (None, {None}))
            if target and before.get(place) in states:
                after[region] = target
                took.add(region)
        require(rule.get("owner") in {None, *took}, "is not legal in the state before it")
        require(event["state"] == (self.initial if is_first else after), "says another state than its lifecycle")

# Reading a pack: its files by their paths. Whatever does not hold is told by a code, the file, and a text.

class Divergences(list):
    def demand(self, condition, code, file, detail):
        if not condition:
            self.append({"code": code, "file": file, "detail": detail})

    def check(self, code, file, function, *values):
        """What a function returns. Whatever goes wrong in it says that the file is wrong: nothing ends the verifier."""
        try:
            return function(*values)
        except NotThere:
            return None
        except Exception as problem:
            self.demand(False, getattr(problem, "code", None) or code, file, because(problem))

class Files(dict):
    """A pack's files by their paths."""

    def __missing__(self, name):
        raise NotThere(name)

def read_file(path, limit):
    """The bytes of a file; one more than the limit where there are more, so that nothing endless is read."""
    with open(path, "rb") as file:
        return file.read(limit + 1)

def read_folder(path, divergences, passed_over):
    files, size = Files(), 0
    for place in sorted(pathlib.Path(path).rglob("*")):
        name, is_link = place.relative_to(path).as_posix(), place.is_symlink() or getattr(place, "is_junction", bool)()
        is_plain = not is_link and (place.is_file() or place.is_dir() and any(place.iterdir())) and size <= MAX_PACK
        divergences.demand(is_plain, "bag", name, "is neither a file nor a folder with files, or is too much")
        if place.name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            passed_over.append(name)
        elif is_plain and place.is_file():
            files[name] = read_file(place, MAX_FILE)
            size += len(files[name])
    return files

def read_zip(data):
    """Each header is written anew from what it says, and compared: there is one way to read such a zip."""
    files, bases, offset, end = Files(), set(), 0, len(data) - 22
    require(end >= 0, "is no zip")
    count, directory = struct.unpack_from("<H4xL", data, end + 10)
    right = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, end - directory, directory, 0)
    require(data[end:] == right and count < 65535, "does not end with an end record as packs have it")
    place = directory
    for _ in range(count):
        found = struct.unpack_from("<2H4x2H4xL4xH6xHL", data, place + 4)
        made_by, needed, time, date, size, length, internal, attributes = found
        begin, next_place = offset + 30 + length, place + 46 + length
        name, content = data[place + 46 : next_place], data[begin : begin + size]
        said = needed, 0, 0, time, date, zlib.crc32(content), size, size, length, 0
        local = struct.pack("<4s5H3L2H", b"PK\3\4", *said) + name
        central = struct.pack("<4s6H3L5H2L", b"PK\1\2", made_by, *said, 0, 0, internal, attributes, offset) + name
        is_right = (data[offset:begin], data[place:next_place]) == (local, central)
        require(is_right and needed <= 20 and attributes >> 28 in (0, 8), "has an entry that is not plainly stored")
        require(re.fullmatch(rb"[!-~]{1,1000}", name), "has a name that is not of plain ASCII, or too long")
        base, _, path = name.decode().partition("/")
        require({"", ".", ".."}.isdisjoint(path.split("/")), "has an entry for a folder, or outside of it")
        bases.add(base)
        files[path], offset, place = content, begin + size, next_place
    require((offset, place) == (directory, end), "has bytes between its entries")
    is_one = len({name.lower() for name in files}) == count and len(bases) == 1
    require(is_one and re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}", bases.pop()), "has two folders, or names twice")
    return files

# What must hold. Each check goes on after what does not, as far as it can.

def parse_event(data):
    event = parse_json(data)
    form = event.get("envelope") if isinstance(event, dict) else None
    require(not whole(form) or form == 1, "is of a form that this verifier does not know", UnknownForm)
    wrong = unfit(event, ENVELOPE)
    require(not wrong, "has members that are missing, wrong or unknown: " + ", ".join(wrong))
    require((event["lifecycle"] is None) == (event["state"] is None), "has a lifecycle or a state without the other")
    pointers = sorted(pointer + "/" for pointer in event["commitments"])
    within = any(one.startswith(other) for other, one in zip(pointers, pointers[1:]))
    of_list = any(isinstance(holder_of(event, pointer)[0], list) for pointer in event["commitments"])
    require(not within and not of_list, "commits to an item of a list, or to a value within another")
    require(event["salts"].keys() <= event["commitments"].keys(), "has a salt that belongs to no commitment")
    return event

def parse_withheld(data):
    entries = parse_json(data)
    require(fits(entries, WITHHELD), "is no list of code, pointer and version")
    return entries

ALWAYS = """bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt verify.html verify.py statement
    data/checkpoint data/pack-made.json data/pack-made.tlog-proof data/withheld.json data/record.html data/record.txt
    data/statechart.svg data/events/000001.json""".split()
PREVIOUS, EXAMINED = ["data/previous-checkpoint", "data/consistency"], ["data/examined-checkpoint", "data/examined-consistency"]
MAY_BE = re.compile(r"data/(checkpoint\.tsr|names\.json|lifecycles/[0-9a-f]{64}\.json)")
NUMBERED = re.compile(r"data/(events|proofs|begun)/([0-9]{6})\.(?:json|tlog-proof)")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
STATEMENT = re.compile(r"docket-pack/v1\nsha256 ([0-9a-f]{64})\n([^ \n]+) ([1-9][0-9]{0,6})\n([^ \n]+) (.*)\n")
VERDICTS = {
    "does-not-hold": "Does not hold",
    "unanchored": "Unanchored, it only agrees with itself",
    "anchored": "Holds as %s signed it",
    "kept": "Holds, and follows the checkpoint you kept",
    "witnessed": "Holds, and is witnessed",
    "examined": "Holds, and is examined",
}

class Verifier(Divergences):
    """Checks a pack; it is the list of what does not hold. Keys are texts; a policy and what was kept are bytes."""

    def __init__(self, path, keys=(), policy=None, kept=None, pinned=(), challenge=None):
        super().__init__()
        self.policy = None if policy is None else Policy(policy)
        self.keys = [Key(key, LOG) for given in keys for key in given.split() or [given]] + (self.policy.logs if self.policy else [])
        self.witnesses, self.examiners = (self.policy.witnesses, self.policy.examiners) if self.policy else ([], [])
        self.kept = None if kept is None else Checkpoint(kept)
        self.pinned = [digest for given in pinned for digest in given.split() or [given]]
        require(fits(self.pinned, [DIGEST]), "a lifecycle's digest is 64 lower-case hexadecimal digits")
        self.challenge, self.unmet, self.warnings, self.indices = challenge, [], [], {}
        self.passed_over, self.erased, self.last_index = [], {}, -1
        if os.path.isdir(path):
            self.files = read_folder(path, self, self.passed_over)
        else:
            self.files = self.check("zip", None, read_zip, read_file(path, MAX_ZIP)) or Files()
        self.checkpoint = self.read("checkpoint", "data/checkpoint", Checkpoint)
        self.previous = self.read("checkpoint", PREVIOUS[0], Checkpoint)
        self.examined = self.read("checkpoint", EXAMINED[0], Checkpoint)
        self.statement = self.read("statement", "statement", Note)
        self.said = STATEMENT.fullmatch(self.statement.text) if self.statement else None
        self.read("json", "data/names.json", parse_json)
        self.withheld = self.read("withheld", "data/withheld.json", parse_withheld) or []
        lifecycles = self.names_by(r"data/lifecycles/([0-9a-f]{64})\.json")
        self.lifecycles = {digest: self.read("lifecycle", name, Lifecycle) for digest, name in lifecycles.items()}
        # Events by the number in the file's name. What is no envelope of form 1 is told, and left out of what follows.
        self.made = self.read("pack-made", "data/pack-made.json", parse_event)
        self.names = {int(number): name for number, name in self.names_by(r"data/events/([0-9]{6})\.json").items()}
        events = {number: self.read("malformed", name, parse_event) for number, name in self.names.items()}
        self.events = {number: event for number, event in events.items() if event}
        self.begun = {int(number): name for number, name in self.names_by(r"data/begun/([0-9]{6})\.json").items()}
        self.beginnings = []
        self.numbers = {event["eventId"]: number for number, event in reversed(self.events.items())}
        self.check_all()

    def names_by(self, pattern):
        found = [re.fullmatch(pattern, name) for name in sorted(self.files)]
        return {match[1]: match[0] for match in found if match}

    def read(self, code, name, parse):
        """What a file says; None where it is not there, or cannot be read."""
        return self.check(code, name, parse, self.files[name]) if name in self.files else None

    def check_all(self):
        self.is_anchored = self.follows = self.is_witnessed = self.is_examined = False
        if not self.files and self:
            return  # Nothing of it was read.
        self.check_names()
        self.check("bag", "bagit.txt", self.check_bagit)
        self.check("bag", "bag-info.txt", self.check_info)
        self.check("manifest", "manifest-sha256.txt", self.check_manifest, "manifest-sha256.txt", True)
        self.check("manifest", "tagmanifest-sha256.txt", self.check_manifest, "tagmanifest-sha256.txt", False)
        for number, event in self.events.items():
            self.check("erased", self.names[number], self.find_erased, number, event)
        self.check("withheld", "data/withheld.json", self.check_gone)
        self.check("lifecycle", "data/lifecycles", self.check_lifecycles)
        self.check("stream", "data/events", self.check_events)
        self.check("event-id", "data/events", self.check_ids)
        self.check("pack-made", "data/pack-made.json", self.check_pack_made)
        self.check("statement", "statement", self.check_statement)
        proved = {number: name.replace("events", "proofs") for number, name in self.names.items()}
        for number, name in [*proved.items(), (None, "data/pack-made.json")]:
            name, event = name.replace(".json", ".tlog-proof"), self.events.get(number) if number else self.made
            self.indices[number] = self.check("proof", name, self.check_proof, name, event)
        self.last_index = -1
        for number, name in self.begun.items():
            self.demand(number == len(self.beginnings) + 1, "begun", name, "is not the next number")
            self.beginnings.append(self.check("begun", name, self.check_begun, number, name))
        for (name, proof), note in ((PREVIOUS, self.previous), (EXAMINED, self.examined)):
            self.check("consistency", proof, self.check_earlier, name, proof, note)
        notes = {"statement": self.statement, "data/checkpoint": self.checkpoint, PREVIOUS[0]: self.previous}
        signed = {name: self.check("signature", name, self.is_signed, name, note) for name, note in notes.items()}
        if self.examined:  # It needs no signature of the log, since it leads to the checkpoint; a false one is refused.
            self.check("signature", EXAMINED[0], self.examined.signers, self.keys)
        self.is_anchored = bool(self.keys and signed["statement"] and signed["data/checkpoint"])
        self.follows = bool(self.kept and self.checkpoint and self.check("kept", "data/checkpoint", self.is_kept))
        self.is_witnessed = bool(self.policy and self.checkpoint and self.has_quorum() and self.is_anchored)
        self.is_examined = bool(self.examiners and self.has_examiners()) and self.is_witnessed
        self.check_pinned()
        self.check_times()

    def check_names(self):
        files = self.files
        needed = {*ALWAYS, *(name for pair in (PREVIOUS, EXAMINED) if files.keys() & pair for name in pair)}
        for folder, number in (match.groups() for match in map(NUMBERED.fullmatch, files) if match):
            folders = ("begun", "begun") if folder == "begun" else ("events", "proofs")
            needed |= {"data/%s/%s.json" % (folders[0], number), "data/%s/%s.tlog-proof" % (folders[1], number)}
        for name in sorted(needed ^ files.keys()):
            why = "does not belong there" if name in files else "is not there"
            self.demand(name in files and MAY_BE.fullmatch(name), "bag", name, why)
        sizes = [len(content) for content in files.values()]
        self.demand(max(sizes, default=0) <= MAX_FILE and sum(sizes) <= MAX_PACK, "bag", None, "is too large")

    def check_bagit(self):
        require(self.files["bagit.txt"] == BAGIT, "says something else than it must")

    def check_info(self):
        files, text = self.files, self.files["bag-info.txt"].decode()
        require(re.fullmatch(r"([^:\r\n]+: [^\r\n]*\n)*", text), "has what is not `label: value`")
        payload = [len(content) for name, content in files.items() if name.startswith("data/")]
        right = "Payload-Oxum: %d.%d" % (sum(payload), len(payload))
        said = [line for line in text.split("\n") if line.lower().startswith("payload-oxum:")]
        require(said == [right], "does not say once: " + right)

    def check_manifest(self, manifest, is_payload):
        """It has a line for each file in data/, or for each beside it."""
        text, listed = self.files[manifest].decode(), {}
        require(text.endswith("\n"), "does not end with a line feed")
        for line in text[:-1].split("\n"):
            found = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
            require(found, "has a line that is none of a manifest")
            require(not listed or max(listed) < found[2], "has a path twice, or paths in another order")
            listed[found[2]] = found[1]
        for name in sorted(listed.keys() | self.files.keys()):
            is_own = name.startswith("data/") == is_payload and name not in ("tagmanifest-sha256.txt", "statement")
            if not is_own:
                self.demand(name not in listed, "manifest", manifest, "lists what it must not list: " + name)
            elif name not in listed or name not in self.files:
                self.demand(False, "manifest", name, "is %s, and not %s" % (("there", "listed") if name in self.files else ("listed", "there")))
            else:
                self.demand(sha256(self.files[name]).hex() == listed[name], "manifest", name, "has another digest than %s says" % manifest)

    def find_erased(self, number, event):
        """For each version and pointer that a redaction names, which version erased it."""
        if event["type"] == "CommentRedacted":
            meant, pointers = self.numbers.get(event["data"].get("eventId")), event["data"].get("erased")
            require(fits(pointers, [TEXT]), "does not say what it erased")
            require((meant or number) < number, "erased something in what is no event before it")
            self.erased.update({(meant, pointer): number for pointer in pointers})
            require(self.events[meant]["commitments"].keys() >= {*pointers}, "erased what the event never had")

    def check_gone(self):
        """What is not there was erased, or is listed as withheld, and nothing else is."""
        places = {(number, pointer) for number, event in self.events.items() for pointer in event["commitments"]}
        there = {(number, pointer) for number, pointer in places if is_there(self.events[number], pointer)}
        withheld = [(entry["version"], entry["pointer"]) for entry in self.withheld]
        gone = places - there - self.erased.keys()
        for number, pointer in sorted(there & self.erased.keys()):
            self.demand(False, "erased", self.names[number], pointer + " was erased, and is there")
        for number, pointer in sorted(gone.difference(withheld)):
            self.demand(False, "missing", self.names[number], pointer + " is neither there, nor erased, nor withheld")
        right = sorted(gone.intersection(withheld), key=lambda place: (place[0], utf16(place[1])))
        require(withheld == right, "lists what is there, or erased, or never was; or twice, or in another order")

    def check_lifecycles(self):
        named = self.named_lifecycles()
        for digest, found in self.lifecycles.items():
            is_right = digest in named and (found is None or found.digest == digest)
            name = "data/lifecycles/%s.json" % digest
            self.demand(is_right, "lifecycle", name, "has another digest than its name, or is named by no event")

    def check_events(self):
        stream, count = (self.said[2], int(self.said[3])) if self.said else ("", len(self.names))
        self.demand(count == len(self.names), "stream", "statement", "says another number of events")
        self.demand([*self.names] == [*range(1, len(self.names) + 1)], "stream", "data/events", "leaves out a version")
        for number, event in self.events.items():
            name, before = self.names[number], self.events.get(number - 1)
            self.demand(not self.said or event["streamId"] == stream, "stream", name, "is of another stream")
            self.demand(event["version"] == number, "stream", name, "is of another version")
            self.check("hash", name, check_hash, event)
            self.check("commitment", name, check_commitments, event)
            said = event["lifecycle"] or {"digest": None}
            lifecycle = self.lifecycles.get(said["digest"])
            self.demand(said["digest"] in self.lifecycles, "lifecycle", name, "names no lifecycle that is there")
            if lifecycle:
                is_named = (lifecycle.name, lifecycle.version) == (said["name"], said["version"])
                self.demand(is_named, "lifecycle", name, "names a lifecycle of another name or version")
            if before or number == 1:  # Behind a hole nothing can be said.
                last = before or {"hash": None, "recordedAt": "", "state": None}
                self.demand(event["previousHash"] == last["hash"], "chain", name, "does not follow the event before it")
                self.demand(event["recordedAt"] >= last["recordedAt"], "malformed", name, "goes back in time")
                if lifecycle:
                    self.check("state", name, lifecycle.check_state, event, last["state"] or {})

    def check_ids(self):
        """The events of a command follow each other, and so do the numbers that their ids are made from."""
        over = set()
        for command, run in itertools.groupby(self.events.items(), lambda one: one[1]["command"]["id"]):
            ids = {self.names[number]: event["eventId"] for number, event in run}
            # Nobody reads on after so many divergences: whoever made them shall not make a verifier search for ever.
            numbers = range(MAX_EVENTS_OF_A_COMMAND) if len(self) < MAX_DIVERGENCES and command not in over else ()
            first = next((number for number in numbers if event_id(command, number) in ids.values()), None)
            for at, (name, identity) in enumerate(ids.items()):
                is_right = first is not None and event_id(command, first + at) == identity
                self.demand(is_right, "event-id", name, "has not the id that its command gives it there")
            over.add(command)
        is_right = not self.made or event_id(self.made["command"]["id"], 0) == self.made["eventId"] not in self.numbers
        self.demand(is_right, "event-id", "data/pack-made.json", "has not the id that its command gives it")

    def check_pack_made(self):
        if self.made:
            event, last, digest = self.made, self.events.get(max(self.names)), sha256(self.files["data/withheld.json"])
            require(event["type"] == "PackMade" and event["lifecycle"] is None, "is no PackMade, or has a lifecycle")
            require(event["streamId"][:7] == "access-" and day(event["streamId"][7:]), "is of no stream access-<date>")
            check_alone(event)
            said = {name: last[name] for name in ("hash", "streamId", "version")} if last else {}
            said["withheld"] = {"count": len(self.withheld), "sha256": digest.hex()}
            if event["schemaVersion"] > 1:  # The first shape had no challenge.
                require(event["schemaVersion"] == 2, "is of a shape that this verifier does not know")
                require(fits(event["data"].get("challenge", ...), (CHALLENGE, None)), "has a challenge that is none")
                said = {"challenge": event["data"]["challenge"], **said}
            require(canonical(event["data"]) == canonical(said), "says something else than is there")

    def check_begun(self, number, name):
        """A new beginning of the log, as an event of the log says it."""
        event = self.read("begun", name, parse_event)
        if not event:
            return None
        proof = name.replace(".json", ".tlog-proof")
        index = self.check("proof", proof, self.check_proof, proof, event)
        is_one = event["type"] == "CheckpointsBegun" and event["streamId"] == "checkpoints" and event["lifecycle"] is None
        require(is_one and event["schemaVersion"] == 1, "is no CheckpointsBegun of the stream checkpoints, of the first shape")
        require(event["eventId"] == event_id(event["command"]["id"], 0), "has not the id that its command gives it")
        check_alone(event)
        data, is_last = event["data"], number == max(self.begun)
        require(fits(data, BEGUN), "does not say which log began after which, and why")
        is_right = not is_last or not self.checkpoint or data["origin"] == self.checkpoint.origin
        require(is_right, "is of a log of another name than data/checkpoint")
        return {**data, "subject": event["actor"]["subject"], "recordedAt": event["recordedAt"], "index": index}

    def check_statement(self):
        if self.statement:
            require(self.said, "is not the four lines")
            digest, _, version, *made = self.said.groups()
            require(int(version) == len(self.names), "says another number of events than there are")
            require(digest == sha256(self.files["tagmanifest-sha256.txt"]).hex(), "says another digest")
            is_right = not self.made or made == [self.made["recordedAt"], self.made["actor"]["subject"]]
            require(is_right, "says another instant or subject than data/pack-made.json")
            names = {name for name, _, _ in self.statement.signatures}
            require(not self.checkpoint or names == {self.checkpoint.origin}, "has a signature under another name than the log's")

    def check_proof(self, name, event):
        """A proof leads from an event's hash to the root, at an index above those of the events before it."""
        if not self.checkpoint:
            return None
        head, _, tail = self.files[name].partition(b"\n\n")
        first, index, *path = head.decode("ascii").split("\n")
        require(first == "c2sp.org/tlog-proof@v1" and index[:6] == "index ", "is no proof")
        require(tail == self.files["data/checkpoint"], "ends in another checkpoint than data/checkpoint")
        index, path = decode_decimal(index[6:]), [decode_base64(line, 32) for line in path]
        if event:
            require(index < self.checkpoint.size, "has an index beyond the log")
            leaf = sha256(b"\0" + bytes.fromhex(event["hash"]))
            _, root = climb(index, self.checkpoint.size - 1, leaf, path)
            require(root == self.checkpoint.root, "does not lead from the event to the root")
            self.demand(index > self.last_index, "proof", name, "has an index that does not rise")
            self.last_index = index
        return index

    def check_earlier(self, name, proof, first):
        if self.checkpoint and first:
            second = self.checkpoint
            self.demand(first.origin == second.origin, "checkpoint", name, "is of another log")
            *lines, rest = self.files[proof].decode("ascii").split("\n")
            require(rest == "", "has half a line")
            check_consistency(first, second, [decode_base64(line, 32) for line in lines])

    def unless(self, condition, code, detail):
        """Whether a condition is met that the caller gave; where not, the pack may be honest all the same."""
        if not condition:
            self.unmet.append({"code": code, "detail": detail})
        return bool(condition)

    def is_signed(self, name, note):
        if not (note and self.keys and self.checkpoint):
            return True
        under = [identity.hex() for name, identity, _ in note.signatures if name == self.checkpoint.origin]
        require(under, "has no signature under the log's name")
        said = ", ".join(under), ", ".join("%s+%s" % (key.name, key.id.hex()) for key in self.keys)
        signers = [key for key in note.signers(self.keys) if key.name == self.checkpoint.origin]
        why = name + " is signed with the log's key %s, and you gave %s. " % said
        is_other = all(key.name != self.checkpoint.origin for key in self.keys)
        other, new = "The pack is of another log than your key.", "The log may have a new key: get its keys again, not from the pack."
        return self.unless(signers, "key", why + (other if is_other else new))

    def is_kept(self):
        kept, own = self.kept, self.checkpoint
        try:
            kept.signers(self.keys)
        except Refused as problem:
            return self.unless(False, "kept", "The checkpoint that you kept %s." % problem)
        notes = [note for note in (own, self.previous) if note and note.origin == kept.origin]
        is_same = any(note.head == kept.head for note in notes)
        is_fork = not is_same and any(note.size == kept.size for note in notes)
        require(not is_fork, "has another root than the checkpoint that you kept: the log was written anew")
        about = "The checkpoint that you kept covers %d events" % kept.size
        why = ". The pack was made since another. Ask for one with since=%d." % kept.size
        if kept.size > own.size:
            why = ", the pack's %d. Ask for a pack made since yours." % own.size
        return self.unless(is_same, "kept", about + (why if kept.origin == own.origin else " of another log, " + kept.origin))

    def has_quorum(self):
        """Whether a log of the policy signed the checkpoint, and the quorum of its witnesses, which is not none."""
        logs = [key for key in self.policy.logs if key.name == self.checkpoint.origin and self.checkpoint.by(key)]
        if self.policy.is_none or not self.unless(logs, "policy", "No log of the policy signed data/checkpoint."):
            return False
        there, missing = ([key.name for key in self.witnesses if (self.checkpoint.cosigned_at(key) is None) == gone] for gone in (False, True))
        why = "The quorum of the policy is not met. Witnesses that cosigned: %s. Missing: %s." % (", ".join(there) or "none", ", ".join(missing))
        return self.unless(self.policy.quorum(self.checkpoint), "policy", why)

    def has_examiners(self):
        """Whether enough examiners cosigned a checkpoint that covers every event of the record."""
        places = [self.indices.get(number) for number in self.names]
        notes = [note for note in (self.checkpoint, self.examined) if note and all(at is not None and at < note.size for at in places)]
        there = [key.name for key in self.examiners if any(note.cosigners([key]) for note in notes)]
        why = "The policy needs %d examiners of every event of the record. Examined by: %s."
        return self.unless(len(there) >= self.policy.needed, "policy", why % (self.policy.needed, ", ".join(there) or "none"))

    def named_lifecycles(self):
        return sorted({event["lifecycle"]["digest"] for event in self.events.values() if event["lifecycle"]})

    def check_pinned(self):
        others = ", ".join(digest for digest in self.named_lifecycles() if digest not in self.pinned)
        self.unless(not self.pinned or not others, "lifecycle", "Events name another lifecycle than you gave: " + others)
        said = self.made and self.made["data"].get("challenge")
        is_right = self.challenge is None or self.challenge == said
        self.unless(is_right, "challenge", "The pack was made with the challenge %s, and not yours." % json.dumps(said))

    def check_times(self):
        """Warnings, never verdicts: the clocks of machines differ, by less than TOLERANCE."""
        seen = [(note.size, note.cosigners(self.witnesses)) for note in (self.previous, self.kept) if note]
        dated = [(size, min(at for _, at in times)) for size, times in seen if times]
        made = self.made and seconds_of(self.made["recordedAt"])
        for number, event in self.events.items():
            at, index, said = seconds_of(event["recordedAt"]), self.indices.get(number), event["recordedAt"]
            if made is not None and at > made + TOLERANCE:
                self.warn("after-pack", number, "says %s, later than the pack was made" % said)
            if any(index is not None and index >= size and at < seen - TOLERANCE for size, seen in dated):
                self.warn("before-checkpoint", number, "says %s, earlier than a checkpoint that it comes after" % said)

    def warn(self, code, number, detail):
        self.warnings.append({"code": code, "file": self.names[number], "detail": detail})

    def anchors(self):
        """The points in time and in the log that the pack is tied to."""
        made, checkpoint = self.made, self.checkpoint
        known = {(key.name, key.id) for key in [*self.keys, *self.witnesses, *self.examiners]}
        seen, signers = (checkpoint.cosigners(self.witnesses), checkpoint.signatures) if checkpoint else ([], [])
        indices = [self.indices.get(number) for number in self.names]
        return {
            "madeAt": made and made["recordedAt"], "madeFor": made and made["actor"],
            "challenge": made and made["data"].get("challenge"),
            "checkpoint": checkpoint and {"size": checkpoint.size, "root": base64.b64encode(checkpoint.root).decode()},
            "cosignatures": [{"name": name, "at": instant_of(at)} for name, at in seen],
            "unknownSigners": [*dict.fromkeys(name for name, identity, _ in signers if (name, identity) not in known)],
            "indices": indices, "packMadeIndex": self.indices.get(None),
            "keptEvents": sum(index is not None and index < self.kept.size for index in indices) if self.follows else None,
            "lifecycles": self.named_lifecycles(), "begun": [one for one in self.beginnings if one],
        }

    def result(self, required=None):
        """The object that --json prints."""
        said, steps = self.said, {"anchored": self.is_anchored, "kept": self.follows}
        steps.update(witnessed=self.is_witnessed, examined=self.is_examined)
        steps = {name: reached and not self for name, reached in steps.items()}
        unmet = [*self.unmet]
        if required and not steps[required]:
            unmet.append({"code": "require", "detail": "It is not %s, which was required." % required})
        verdicts = [list(VERDICTS)[not self], *(name for name, reached in steps.items() if reached)]
        return {
            "verdict": verdicts[-1], **steps, "required": required, "anchors": self.anchors(), "unmet": unmet,
            "warnings": self.warnings, "origin": self.checkpoint and self.checkpoint.origin,
            "streamId": said and said[2], "version": said and int(said[3]), "events": len(self.names),
            "erased": len(self.erased), "withheld": len(self.withheld), "divergences": self[:MAX_DIVERGENCES],
        }

def exit_code(result):
    if result["verdict"] == "does-not-hold" or result["unmet"]:
        return 1
    return 4 if result["verdict"] == "unanchored" else 0

# Two packs of one record, compared by what is under their hashes, never by values: these may be erased or withheld.

COMPARISONS = {"one-history": 0, "two-histories": 1, "not-compared": 1, "other-records": 2, "not-shown": 4}

def compare(one, other):
    """The outcome, its reason, the versions in which the packs differ, and the new beginnings of two logs."""
    if exit_code(one.result()) == 1 or exit_code(other.result()) == 1:
        return "not-compared", "Both packs must hold, and meet what you gave, before they can be compared.", [], []
    a, b, beginnings = one.checkpoint, other.checkpoint, [*one.beginnings, *other.beginnings]
    if one.said[2] != other.said[2]:
        return "other-records", "One pack is of %s, the other of %s." % (one.said[2], other.said[2]), [], []
    if a.origin != b.origin:
        begun = [one for at, one in enumerate(beginnings) if one not in beginnings[:at]]
        nothing = "If one log goes on from the other, the packs do not show it."
        named = "A restore or another new beginning is on record, as named below. The packs do not show that both logs have the same events."
        why = "One pack is of the log %s, the other of %s. %s" % (a.origin, b.origin, named if begun else nothing)
        return "not-shown", why, [], begun
    places = [{number: (pack.indices[number], event["hash"]) for number, event in pack.events.items()} for pack in (one, other)]
    first, later = sorted((pack.indices[None], at) for at, pack in enumerate((one, other)))
    differences = []
    for number in sorted({*places[0], *places[1]}):
        pair = [place.get(number) for place in places]
        # The pack that was made first says that the record ended there: the other may go on behind that place alone.
        goes_on = first[0] < later[0] and pair[first[1]] is None and pair[later[1]][0] > first[0]
        if pair[0] != pair[1] and not goes_on:
            said = [place and {"index": place[0], "hash": place[1]} for place in pair]
            differences.append({"version": number, "pack": said[0], "against": said[1]})
    if a.size == b.size and a.root != b.root:
        return "two-histories", "The log signed two roots for %d events. Keep both packs." % a.size, differences, []
    if not (a.head in [note.head for note in (b, other.previous) if note] or one.previous and one.previous.head == b.head):
        since = min(a.size, b.size)
        return "not-shown", "Neither pack leads on from the other's checkpoint. Ask for one with since=%d." % since, differences, []
    if differences:
        return "two-histories", "One log has two histories of the record. Keep both packs: the log signed both.", differences, []
    return "one-history", "Both packs have the same events at the same places of one log.", [], []

# For people.

# The ranges are those of docs/pack-format.md, so that all verifiers escape alike.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000"
    "\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)

def plain(text):
    """A text with escapes for what would move the cursor, turn the direction of writing, or not be seen."""
    return INVISIBLE.sub(lambda found: "\\u{%x}" % ord(found[0]), text)

NOT_PROVED = (
    "that the log has no second history of this record",
    "that rules and roles were kept beyond the states above",
    "who the people behind the subjects are",
    "that no newer pack exists: see the moment above, or send a challenge with the next request",
)

def verdict_line(result):
    verdict = VERDICTS[result["verdict"]].replace("%s", str(result["origin"]))
    is_short = result["unmet"] and result["verdict"] != "does-not-hold"
    counts = "%(events)d events, %(erased)d {} erased, %(withheld)d withheld".format("value" if result["erased"] == 1 else "values")
    but = ", but not all that you require is met" if is_short else ""
    return "%s%s: %s, %s" % (verdict, but, result["streamId"] or "no record", counts % result)

def beginning_line(begun):
    before = "the checkpoint of %(size)d events of %(origin)s, root %(root)s" % begun["before"] if begun["before"] else "no checkpoint"
    place = "index %(index)s, recorded %(recordedAt)s by %(subject)s. Reason: %(reason)s" % begun
    return "On record: the log began anew as %s, after %s; %s" % (begun["origin"], before, place)

def anchor_lines(result):
    anchors = result["anchors"]
    made_for, checkpoint = anchors["madeFor"] or {"subject": "nobody that can be read", "roles": []}, anchors["checkpoint"]
    yield "Complete as of: %s, requested by %s (%s)" % (anchors["madeAt"], made_for["subject"], ", ".join(made_for["roles"]))
    yield "Challenge: %s" % (anchors["challenge"] or "none")
    if checkpoint:
        yield "Checkpoint: %(size)d events, root %(root)s" % checkpoint
    yield from ("Cosigned by: %(name)s at %(at)s" % one for one in anchors["cosignatures"])
    if anchors["unknownSigners"]:
        yield "Signatures of keys that you did not give: " + ", ".join(anchors["unknownSigners"])
    if anchors["keptEvents"] is not None:
        yield "Covered by the checkpoint you kept: %d of %d events" % (anchors["keptEvents"], result["events"])
    yield from ("Lifecycle: " + digest for digest in anchors["lifecycles"])
    yield from map(beginning_line, anchors["begun"])
    yield from ("Not proved: " + what for what in NOT_PROVED[bool(result["examined"]):])

def shown(name, value):
    """An imported file, which is in base64, is told by its length and digest."""
    if name == "source" and isinstance(value, str):
        try:
            data = decode_base64(value)
        except ValueError:
            data = value.encode()
        return "%d bytes, SHA-256 %s" % (len(data), sha256(data).hex())
    return value if isinstance(value, str) else canonical(value).decode()

def tell(verifier, result):
    """The verdict, what does not hold, and the record as its events tell it."""
    yield verdict_line(result)
    yield from ("  " + ": ".join(filter(None, divergence.values())) for divergence in result["divergences"])
    if any(divergence["code"] == "zip" for divergence in verifier):
        yield "  A zip that was packed again is refused, whatever is in it. Take the zip as you got it."
    yield from ("  not met: %(code)s: %(detail)s" % one for one in result["unmet"])
    yield from ("  warning: %(code)s: %(file)s: %(detail)s" % one for one in result["warnings"])
    yield from ("  Passed over: " + name for name in verifier.passed_over)
    yield from ("  " + line for line in anchor_lines(result))
    yield ""
    gone = {(one["version"], one["pointer"]): "withheld, " + one["code"] for one in verifier.withheld}
    gone.update({place: "erased by version %d" % by for place, by in verifier.erased.items()})
    for number, event in verifier.events.items():
        index = verifier.indices.get(number)
        what = number, event["type"], event["actor"]["subject"], event["effectiveOn"], event["recordedAt"]
        yield "%d. %s by %s, effective %s, recorded %s, index " % what + ("not proved" if index is None else str(index))
        missing = {pointer: gone[number, pointer] for pointer in event["commitments"] if (number, pointer) in gone}
        for name, value in [*event["data"].items(), *missing.items(), *(event["state"] or {}).items()]:
            yield from ("   %s: " % name + shown(name, value)).replace("\n", "\n   | ").split("\n")

def tell_comparison(comparison):
    outcome, detail, differences, begun = comparison
    yield "%s: %s" % (outcome.replace("-", " ").capitalize(), detail)
    yield from ("  " + beginning_line(one) for one in begun)
    for difference in differences:
        places = (difference[name] and "index %(index)d, hash %(hash)s" % difference[name] for name in ("pack", "against"))
        yield "  version %d: %s; against: %s" % (difference["version"], *(place or "none" for place in places))

def arguments():
    about = "Verify a pack. Exit 0 if it holds, 1 if not, or if it does not meet what was given; 2 if called wrongly; 4 if unanchored."
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("pack", nargs="?", metavar="FOLDER|ZIP", help="the pack (default: where this file lies)")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's public key; once or more")
    parser.add_argument("--policy", metavar="FILE", help="logs, witnesses and quorum (C2SP tlog-policy)")
    parser.add_argument("--kept", metavar="FILE", help="a checkpoint of the log that you kept")
    parser.add_argument("--require", choices=list(VERDICTS)[2:], help="exit 1 unless it is that")
    parser.add_argument("--lifecycle", action="append", default=[], metavar="DIGEST", help="events may name no other; once or more")
    parser.add_argument("--challenge", metavar="TEXT", help="what you sent with the request for the pack")
    parser.add_argument("--against", metavar="FOLDER|ZIP", help="compare with another pack: exit 0 one history, 1 two, 2 other records, 4 not shown")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()

def main():
    asked = arguments()
    try:
        policy, kept = (path and read_file(path, MAX_NOTE) for path in (asked.policy, asked.kept))
        where = asked.pack or os.path.dirname(os.path.abspath(__file__))
        verifier = Verifier(where, asked.key, policy, kept, asked.lifecycle, asked.challenge)
        other = Verifier(asked.against, asked.key, policy, None, asked.lifecycle) if asked.against else None
    except (OSError, ValueError) as problem:
        why = because(problem) if isinstance(problem, ValueError) else str(problem)
        print("verify.py: called wrongly: " + plain(why), file=sys.stderr)
        return 2
    result = verifier.result(asked.require)
    lines, said, code = tell(verifier, result), result, exit_code(result)
    if other is not None:  # It is an empty list where it holds.
        comparison = compare(verifier, other) if code != 1 else ("not-compared", "The first pack is refused.", [], [])
        outcome, detail, differences, begun = comparison
        code, against = COMPARISONS[outcome], other.result()
        lines = itertools.chain(tell_comparison(comparison), [""], lines, [""], tell(other, against))
        said = {"comparison": {"outcome": outcome, "detail": detail, "differences": differences, "begun": begun}, "pack": result, "against": against}
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        for line in [json.dumps(said, indent=2)] if asked.json else map(plain, lines):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:  # The reader has seen enough, as head does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code

if __name__ == "__main__":
    sys.exit(main())
