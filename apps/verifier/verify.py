#!/usr/bin/env python3
"""Verifies an evidence pack of Docket offline, without the service. Requires only Python 3.9 or later.

    python3 verify.py                              verify the pack in the folder of this file
    python3 verify.py --key VKEY FOLDER_OR_ZIP     verify a pack that the holder of this key signed

It implements docs/event-format.md and docs/pack-format.md, independently of the service.
It reads only the pack and the files named on the command line. A pack contains a copy of it: if you do not trust that
copy, get this file from someone else.
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
MAX_NUMBER, MAX_DEPTH, MAX_DIVERGENCES, MAX_EVENTS_OF_A_COMMAND, MAX_REGIONS = 2**53 - 1, 32, 100, 10_000, 16
TOLERANCE = 300  # Seconds by which clocks may differ.

class Refused(ValueError):
    """The input is not valid; the message says why."""
    code = None

class MissingFile(Refused):
    """A file of the pack is missing. This is reported once, as `bag`; checks that need the file are skipped."""

class NotJson(Refused):
    code = "json"

class UnknownForm(Refused):
    code = "unknown-form"

def require(condition, why, kind=Refused):
    if not condition:
        raise kind(why)

def because(problem):
    """Returns why something was refused, without texts of Python's own errors."""
    if isinstance(problem, Refused):
        return str(problem)
    if isinstance(problem, UnicodeError):
        return "is not UTF-8, or has a lone surrogate"
    return "is not JSON" if isinstance(problem, json.JSONDecodeError) else "is malformed"

def sha256(data):
    return hashlib.sha256(data).digest()

# Canonical JSON (RFC 8785). All numbers in a pack are integers.

def parse_json(data):
    """Parses canonical JSON. Any other spelling differs from the value written again."""
    try:
        require(len(data) <= MAX_JSON, "is too large")
        parsers = {"parse_int": _whole, "parse_float": _refuse_number, "parse_constant": _refuse_number}
        value = json.loads(data.decode(), object_pairs_hook=_object, **parsers)
        require(_depth(value) <= MAX_DEPTH, "is nested deeper than %d" % MAX_DEPTH)
        require(canonical(value) == data, "is not canonical JSON")
        return value
    except Exception as problem:
        raise NotJson(because(problem)) from None

def _object(pairs):
    names = [name for name, _ in pairs]
    require(names == sorted(set(names), key=utf16), "has a repeated name, or names in the wrong order")
    return dict(pairs)

def _whole(digits):
    # Checks the length first: converting a million digits is slow, and newer versions of Python refuse to.
    require(len(digits) <= 17 and abs(int(digits)) <= MAX_NUMBER, "has a number beyond 2^53-1")
    return int(digits)

def _refuse_number(digits):
    raise Refused("has a number that is not an integer")

def _depth(value):
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inside), default=0) if isinstance(value, (dict, list)) else 0

def utf16(text):
    """Returns the key that RFC 8785 sorts names by. Python would sort by code points instead."""
    return text.encode("utf-16-be")

def canonical(value):
    """Returns the canonical JSON of a value whose names are sorted: json.dumps escapes texts as ECMAScript does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

# Shapes: a pattern for a text, (a, b) for alternatives, [a] for a list, {name: a} for an object with exactly these members,
# ... for an absent member, and a function for anything else.

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
    """Returns the names of members that are missing, unknown, or not of their shape."""
    if not isinstance(value, dict):
        return ["all"]
    return [name for name in {**shape, **value} if name not in shape or not fits(value.get(name, ...), shape[name])]

def mapping(names, shape):
    return lambda value: isinstance(value, dict) and all(fits(n, names) and fits(value[n], shape) for n in value)

def instant(value):
    try:
        return _instant(value)
    except (TypeError, ValueError):  # Not even close to an instant.
        return False

def _instant(value):
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").isoformat(timespec="milliseconds") + "Z" == value

def seconds_of(value):
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()

def instant_of(seconds):
    """Returns None after the year 9999, which programs format differently."""
    at = seconds <= 253402300799 and datetime.fromtimestamp(seconds, timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z") if at else None

def day(value):
    return isinstance(value, str) and instant(value + "T00:00:00.000Z")

def whole(value):
    return type(value) is int  # In Python, True is an int.

def positive(value):
    return whole(value) and value >= 1

TEXT, NAME, DIGEST, HEX16 = map(re.compile, (r"[\s\S]*", r"[a-z0-9-]{1,63}", r"[0-9a-f]{64}", r"[0-9a-f]{32}"))
KIND = re.compile(r"[A-Z][A-Za-z0-9]*(\.[a-z0-9-]+)?")
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
ADOPTIONS = [{"recordedAt": instant, "reason": TEXT, "lost": ({"size": positive, "root": ROOT}, None)}]
WITHHELD = [{"code": re.compile(r"[A-Za-z0-9().-]{1,32}"), "pointer": TEXT, "version": whole}]

def arrows(target):
    return (mapping(KIND, (target, {"target": target, "guard": NAME})), ...)

RULES = (
    {"kind": re.compile(r"first|note"), "schemaVersion": positive, "members": ([TEXT], ...)},
    {"kind": re.compile(r"move"), "owner": NAME, "countsFor": ([NAME], ...), "schemaVersion": positive, "members": ([TEXT], ...)},
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
    """Returns the point of 32 bytes; None if there is none, if the encoding is not canonical, or if its order is small."""
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

def ed25519_verify(public_key, message, signature):
    a, r, s = point_decode(public_key), point_decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return point_equal(point_times(s, BASE), point_add(r, point_times(k, a)))

# Keys, signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

LOG, WITNESS = 0x01, 0x04

def decode_base64(text, length=None):
    """Decodes standard base64. Refuses other spellings of the same bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("has invalid base64") from None
    require(base64.b64encode(data).decode() == text and length in (None, len(data)), "has invalid base64")
    return data

def decode_decimal(text):
    require(re.fullmatch(r"0|[1-9][0-9]{0,15}", text) and int(text) <= MAX_NUMBER, "does not have a number from 0 to 2^53-1")
    return int(text)

class Key:
    """A verifier key, `<name>+<id>+<base64>`."""

    def __init__(self, vkey, kind):
        found = re.fullmatch(r"([^\s+\x00-\x1f]+)\+([0-9a-f]{8})\+(\S+)", vkey)
        require(found, "a key is <name>+<id>+<base64>; supply the key itself, not the name of its file: " + vkey)
        self.name, identity, encoded = found.groups()
        material = decode_base64(encoded, 33)
        self.id, self.public = sha256(self.name.encode() + b"\n" + material)[:4], material[1:]
        require(material[0] == kind and identity == self.id.hex(), "a key of a different type, or with a wrong id: " + vkey)
        require(point_decode(self.public), "a key that is not a point of the curve, or has a small order: " + vkey)

def read_keys(texts, kind):
    return [Key(vkey, kind) for text in texts for vkey in text.split() or [text]]

class Note:
    """A signed note: a text and its signatures."""

    def __init__(self, data):
        is_plain = len(data) <= MAX_NOTE and not re.search(rb"[\x00-\x09\x0b-\x1f]", data)
        require(is_plain, "has control characters, or is too large")
        text, empty_line, lines = data.decode().rpartition("\n\n")
        is_note = empty_line and lines.endswith("\n") and lines.count("\n") <= 64
        require(is_note, "is not a signed note, or has more than 64 signatures")
        self.text, self.bytes = text + "\n", text.encode() + b"\n"
        self.signatures = [self._signature(line) for line in lines[:-1].split("\n")]

    def _signature(self, line):
        found = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        data = decode_base64(found[2]) if found else b""
        require(len(data) > 4, "has a line that is not a signature")
        return found[1], data[:4], data[4:]

    def by(self, key):
        return [signature for name, identity, signature in self.signatures if (name, identity) == (key.name, key.id)]

    def signers(self, keys):
        """Returns the keys that signed. Refuses the note if a signature of any of the keys is invalid."""
        for key in keys:
            for signature in self.by(key):
                require(ed25519_verify(key.public, self.bytes, signature), "has an invalid signature of " + key.name)
        return [key for key in keys if self.by(key)]

    def cosigned_at(self, key):
        """Returns when a witness signed, in seconds since 1970; None without a valid signature."""
        at = None
        for signature in self.by(key):
            seconds = int.from_bytes(signature[:8], "big")
            message = b"cosignature/v1\ntime %d\n" % seconds + self.bytes
            if len(signature) == 72 and seconds < 1 << 63 and ed25519_verify(key.public, message, signature[8:]):
                at = seconds
        return at

class Checkpoint(Note):
    """The number of events in a log, and the root of their tree."""

    def __init__(self, data):
        super().__init__(data)
        self.origin, *lines = self.text.split("\n")
        is_checkpoint = self.origin and len(lines) == 3 and not self.origin.startswith("docket-pack/")
        require(is_checkpoint, "is not a checkpoint: origin, size and root hash, a line each")
        self.size, self.root = self.head = decode_decimal(lines[0]), decode_base64(lines[1], 32)

# The log's Merkle tree (RFC 6962, 2.1) and its proofs (RFC 9162, 2.1.3.2 and 2.1.4.2).

def node_hash(left, right):
    return sha256(b"\1" + left + right)

def climb(index, last, start, path):
    """Returns the root of the leaves up to this index, and the root of the whole tree, from the path of a proof."""
    left = whole_tree = start
    for sibling in path:
        require(last > 0, "has a path that is too long")
        if index & 1 or index == last:
            left, whole_tree = node_hash(sibling, left), node_hash(sibling, whole_tree)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            whole_tree = node_hash(whole_tree, sibling)
        index, last = index >> 1, last >> 1
    require(last == 0, "has a path that is too short")
    return left, whole_tree

def check_consistency(first, second, path):
    """Refuses a path that does not prove that a checkpoint extends an earlier one."""
    require(0 < first.size <= second.size, "starts from no events, or from a larger size")
    if first.size == second.size:
        require(first.root == second.root and not path, "is of equal sizes, but has a different root, or a path that is not empty")
        return
    index, last = first.size - 1, second.size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    require(path or not index, "has a path that is too short")
    start, *path = path if index else [first.root, *path]
    require(climb(index, last, start, path) == (first.root, second.root), "results in a different root")

# Events, and their values that can be erased or withheld.

def holder_of(event, pointer):
    """Returns the container and the name of the value at a pointer; (None, name) if its path is gone."""
    *parents, name = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    value = event
    for token in parents:
        if isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", token) and int(token) < len(value):
            value = value[int(token)]
        elif isinstance(value, dict) and token in value:
            value = value[token]
        else:
            return None, name
    return value, name

def is_present(event, pointer):
    holder, name = holder_of(event, pointer)
    return isinstance(holder, dict) and name in holder

def check_hash(event):
    """Compares the hash with that of the event, without the values that its commitments replace."""
    sealed = json.loads(canonical({name: value for name, value in event.items() if name not in ("hash", "salts")}))
    for pointer in event["commitments"]:
        holder, name = holder_of(sealed, pointer)
        if isinstance(holder, dict):
            holder.pop(name, None)
    require(sha256(canonical(sealed)).hex() == event["hash"], "was changed: its hash is different")

def check_commitments(event):
    """Compares each commitment with the hash of its value and salt. A value without a salt, or a salt without a value, is refused."""
    for pointer, commitment in event["commitments"].items():
        salt, (holder, name) = event["salts"].get(pointer), holder_of(event, pointer)
        is_pair = is_present(event, pointer) == (salt is not None)
        require(is_pair, pointer + " has a salt without a value, or a value without a salt")
        is_unchanged = salt is None or sha256(bytes.fromhex(salt) + canonical(holder[name])).hex() == commitment
        require(is_unchanged, pointer + " was changed")

def event_id(command_id, number):
    """Returns the id of a command's event, by the event's number in the command."""
    return str(uuid.uuid5(uuid.UUID(command_id), str(number)))

# Lifecycles: which events are legal, and the state after them.

def places_of(regions):
    """Yields each (region, state) with its transitions. Those from every state of a region are at (region, None)."""
    for name, region in regions.items():
        for state, place in {None: region, **region["states"]}.items():
            yield (name, state), place.get("on", {})

def arrow_of(arrow):
    """Returns the target and the guard. The targets of a region's own transitions start with a dot."""
    target, guard = (arrow, None) if isinstance(arrow, str) else (arrow["target"], arrow["guard"])
    return target.lstrip("."), guard

class Lifecycle:
    """A lifecycle definition. `arrows` maps (region, state, event type) to the target and the guard."""

    def __init__(self, data):
        require(len(data) <= MAX_DEFINITION, "is too large")
        value = parse_json(data)
        wrong = unfit(value, DEFINITION)
        require(not wrong, "has missing or invalid members: " + ", ".join(wrong))
        self.digest, self.name, self.version = sha256(data).hex(), value["name"], value["version"]
        self.rules, regions = value["events"], value["machine"]["states"]
        require(len(regions) <= MAX_REGIONS, "has too many regions")
        self.initial = {name: region["initial"] for name, region in regions.items()}
        self.guards = {name: (guard["region"], {*guard["in"]}) for name, guard in value["guards"].items()}
        places = dict(places_of(regions))
        self.arrows = {(*place, kind): arrow_of(arrow) for place, on in places.items() for kind, arrow in on.items()}
        require(self._reached(places) == places.keys(), "has a state that no transition reaches, or a transition to an undefined state")
        self._check_names(regions.keys(), places.keys(), value["statusRegion"])

    def _reached(self, places):
        reached, waiting = set(), [(name, at) for name, initial in self.initial.items() for at in (None, initial)]
        for place in waiting:  # The loop also visits items that are appended to the list meanwhile.
            on = places.get(place, {}) if place not in reached else {}
            waiting += [(place[0], arrow_of(arrow)[0]) for arrow in on.values()]
            reached.add(place)
        return reached

    def _check_names(self, regions, places, status_region):
        moves = {kind: rule for kind, rule in self.rules.items() if rule["kind"] == "move"}
        in_region = {(region, kind) for region, _, kind in self.arrows}
        twice = [kind for region, at, kind in self.arrows if at and (region, None, kind) in self.arrows]
        named = {status_region, *(region for rule in moves.values() for region in rule.get("countsFor", []))}
        require(not twice, "has transitions from a region and from one of its states: " + ", ".join(twice))
        require({kind for _, kind in in_region} <= moves.keys(), "has a transition for an event that is not a move")
        require({(rule["owner"], kind) for kind, rule in moves.items()} <= in_region, "has a move without a transition in its own region")
        require(named <= regions, "names an undefined region")
        require({guard for _, guard in self.arrows.values()} <= {None, *self.guards}, "names an undefined guard")
        for region, states in self.guards.values():
            require(states and {(region, state) for state in states} <= places, "has a guard of an undefined state, or of none")
        require([rule["kind"] for rule in self.rules.values()].count("first") == 1, "must have exactly one first event")

    def check_state(self, event, before):
        """Refuses an event that is not legal in the state before it, or records another state after it."""
        rule, after, took = self.rules.get(event["type"]), dict(before), set()
        require(rule, "has a type that the lifecycle does not define")
        is_first = rule["kind"] == "first"
        require(is_first == (event["version"] == 1), "is a first event after version 1, or version 1 is not a first event")
        for region in self.initial if rule["kind"] == "move" else ():
            everywhere = self.arrows.get((region, None, event["type"]), (None, None))
            target, guard = self.arrows.get((region, before.get(region), event["type"]), everywhere)
            place, states = self.guards.get(guard, (None, {None}))
            if target and before.get(place) in states:
                after[region] = target
                took.add(region)
        require(rule.get("owner") in {None, *took}, "was not allowed in the state before it")
        require(event["state"] == (self.initial if is_first else after), "has a different state from the one that its lifecycle defines")

# Reading a pack. Each divergence has a code, the file and a text.

class Divergences(list):
    def demand(self, condition, code, file, detail):
        if not condition:
            self.append({"code": code, "file": file, "detail": detail})

    def check(self, code, file, function, *values):
        """Returns the function's result. Any error in it becomes a divergence of the file."""
        try:
            return function(*values)
        except MissingFile:
            return None
        except Exception as problem:
            self.demand(False, getattr(problem, "code", None) or code, file, because(problem))

class Files(dict):
    """A pack's files by their paths."""

    def __missing__(self, name):
        raise MissingFile(name)

def read_file(path, limit):
    """Returns a file's bytes, at most one more than the limit: the file can be endless."""
    with open(path, "rb") as file:
        return file.read(limit + 1)

def read_folder(path, divergences, ignored):
    files, size = Files(), 0
    for place in sorted(pathlib.Path(path).rglob("*")):
        name, is_link = place.relative_to(path).as_posix(), place.is_symlink() or getattr(place, "is_junction", bool)()
        is_plain = not is_link and (place.is_file() or place.is_dir() and any(place.iterdir())) and size <= MAX_PACK
        divergences.demand(is_plain, "bag", name, "is neither a file nor a folder with files, or exceeds the size limit")
        if place.name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            ignored.append(name)
        elif is_plain and place.is_file():
            files[name] = read_file(place, MAX_FILE)
            size += len(files[name])
    return files

def read_zip(data):
    """Reads a zip. Builds each header again from its values and compares it, so that every reader sees the same files."""
    files, bases, offset, end = Files(), set(), 0, len(data) - 22
    require(end >= 0, "is not a zip")
    count, directory = struct.unpack_from("<H4xL", data, end + 10)
    right = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, end - directory, directory, 0)
    require(data[end:] == right and count < 65535, "does not end with the end record of a pack's zip")
    place = directory
    for _ in range(count):
        found = struct.unpack_from("<2H4x2H4xL4xH6xHL", data, place + 4)
        made_by, needed, time, date, size, length, internal, attributes = found
        begin, next_place = offset + 30 + length, place + 46 + length
        name, content = data[place + 46 : next_place], data[begin : begin + size]
        header = needed, 0, 0, time, date, zlib.crc32(content), size, size, length, 0
        local = struct.pack("<4s5H3L2H", b"PK\3\4", *header) + name
        central = struct.pack("<4s6H3L5H2L", b"PK\1\2", made_by, *header, 0, 0, internal, attributes, offset) + name
        is_right = (data[offset:begin], data[place:next_place]) == (local, central)
        require(is_right and needed <= 20 and attributes >> 28 in (0, 8), "has an entry that is compressed, or not a regular file")
        require(re.fullmatch(rb"[!-~]{1,1000}", name), "has a name that is not ASCII, or too long")
        base, _, path = name.decode().partition("/")
        require({"", ".", ".."}.isdisjoint(path.split("/")), "has an entry that is a folder, or outside the pack's folder")
        bases.add(base)
        files[path], offset, place = content, begin + size, next_place
    require((offset, place) == (directory, end), "has bytes between its entries")
    is_single = len({name.lower() for name in files}) == count and len(bases) == 1
    require(is_single and re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}", bases.pop()), "has several folders, or repeated names")
    return files

# The checks. Each continues after a divergence as far as it can.

def parse_event(data):
    event = parse_json(data)
    form = event.get("envelope") if isinstance(event, dict) else None
    require(not whole(form) or form == 1, "has a form that this verifier does not support", UnknownForm)
    wrong = unfit(event, ENVELOPE)
    require(not wrong, "has missing, invalid or unknown members: " + ", ".join(wrong))
    require((event["lifecycle"] is None) == (event["state"] is None), "has a lifecycle without a state, or a state without a lifecycle")
    pointers = sorted(pointer + "/" for pointer in event["commitments"])
    within = any(one.startswith(other) for other, one in zip(pointers, pointers[1:]))
    of_list = any(isinstance(holder_of(event, pointer)[0], list) for pointer in event["commitments"])
    require(not within and not of_list, "commits to an item of a list, or to a value inside another")
    require(event["salts"].keys() <= event["commitments"].keys(), "has a salt without a commitment")
    return event

def parse_withheld(data):
    entries = parse_json(data)
    require(fits(entries, WITHHELD), "is not a list of version, pointer and code")
    return entries

ALWAYS = """bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt verify.html verify.py statement
    data/checkpoint data/pack-made.json data/pack-made.tlog-proof data/withheld.json data/record.html data/record.txt
    data/statechart.svg data/events/000001.json""".split()
PAIR = ["data/previous-checkpoint", "data/consistency"]
MAY_BE = re.compile(r"data/(checkpoint\.tsr|names\.json|lifecycles/[0-9a-f]{64}\.json)")
NUMBERED = re.compile(r"data/(?:events|proofs)/([0-9]{6})\.(?:json|tlog-proof)")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
STATEMENT = re.compile(r"docket-pack/v1\nsha256 ([0-9a-f]{64})\n([^ \n]+) ([1-9][0-9]{0,6})\n([^ \n]+) (.*)\n")
EXITS = {"does-not-hold": 1, "consistent": 4, "signed": 0, "witnessed": 0}

class NoVerdict(ValueError):
    """The pack cannot be checked against something that the caller supplied."""

class Verifier(Divergences):
    """Verifies a pack. It is the list of divergences. Keys are texts; the kept checkpoint is bytes."""

    def __init__(self, path, keys=(), witnesses=(), kept=None):
        super().__init__()
        self.keys, self.witnesses = read_keys(keys, LOG), read_keys(witnesses, WITNESS)
        self.kept = None if kept is None else Checkpoint(kept)
        self.signers, self.cosigned, self.gap, self.warnings, self.indices = [], {}, None, [], {}
        self.ignored, self.erased, self.last_index = [], {}, -1
        if os.path.isdir(path):
            self.files = read_folder(path, self, self.ignored)
        else:
            self.files = self.check("zip", None, read_zip, read_file(path, MAX_ZIP)) or Files()
        self.checkpoint = self.read("checkpoint", "data/checkpoint", Checkpoint)
        self.previous = self.read("checkpoint", PAIR[0], Checkpoint)
        self.statement = self.read("statement", "statement", Note)
        self.signed = STATEMENT.fullmatch(self.statement.text) if self.statement else None
        self.read("json", "data/names.json", parse_json)
        self.withheld = self.read("withheld", "data/withheld.json", parse_withheld) or []
        lifecycles = self.names_by(r"data/lifecycles/([0-9a-f]{64})\.json")
        self.lifecycles = {digest: self.read("lifecycle", name, Lifecycle) for digest, name in lifecycles.items()}
        # Events by the number in the file's name. Files that are not envelopes of form 1 are reported and then ignored.
        self.made = self.read("pack-made", "data/pack-made.json", parse_event)
        self.names = {int(number): name for number, name in self.names_by(r"data/events/([0-9]{6})\.json").items()}
        events = {number: self.read("malformed", name, parse_event) for number, name in self.names.items()}
        self.events = {number: event for number, event in events.items() if event}
        self.numbers = {event["eventId"]: number for number, event in reversed(self.events.items())}
        if self.files or not self:  # Otherwise the pack could not be read.
            self.check_all()
        if self.gap and not self:
            raise NoVerdict(self.gap)

    def names_by(self, pattern):
        found = [re.fullmatch(pattern, name) for name in sorted(self.files)]
        return {match[1]: match[0] for match in found if match}

    def read(self, code, name, parse):
        """Returns a file's parsed content; None if it is missing or invalid."""
        return self.check(code, name, parse, self.files[name]) if name in self.files else None

    def check_all(self):
        self.check_names()
        self.check("bag", "bagit.txt", self.check_bagit)
        self.check("bag", "bag-info.txt", self.check_info)
        self.check("manifest", "manifest-sha256.txt", self.check_manifest, "manifest-sha256.txt", True)
        self.check("manifest", "tagmanifest-sha256.txt", self.check_manifest, "tagmanifest-sha256.txt", False)
        for number, event in self.events.items():
            self.check("erased", self.names[number], self.find_erased, number, event)
        self.check("withheld", "data/withheld.json", self.check_missing)
        self.check("lifecycle", "data/lifecycles", self.check_lifecycles)
        self.check("stream", "data/events", self.check_events)
        self.check("event-id", "data/events", self.check_ids)
        self.check("pack-made", "data/pack-made.json", self.check_pack_made)
        self.check("statement", "statement", self.check_statement)
        proved = {number: name.replace("events", "proofs") for number, name in self.names.items()}
        for number, name in [*proved.items(), (None, "data/pack-made.json")]:
            name, event = name.replace(".json", ".tlog-proof"), self.events.get(number) if number else self.made
            self.indices[number] = self.check("proof", name, self.check_proof, name, event)
        self.check("consistency", PAIR[1], self.check_previous)
        if self.keys and self.checkpoint:
            notes = {"statement": self.statement, "data/checkpoint": self.checkpoint, PAIR[0]: self.previous}
            signers = [self.check("signature", name, self.signers_of, name, note) or [] for name, note in notes.items()]
            self.signers = signers[1]
        if self.witnesses and self.checkpoint:
            self.check("witness", "data/checkpoint", self.check_witnesses)
        if self.kept and self.checkpoint:
            self.check("kept", "data/checkpoint", self.check_kept)
        self.check_times()

    def check_names(self):
        files = self.files
        needed = {*ALWAYS, *(PAIR if files.keys() & PAIR else ())}
        for number in (match[1] for match in map(NUMBERED.fullmatch, files) if match):
            needed |= {"data/events/%s.json" % number, "data/proofs/%s.tlog-proof" % number}
        for name in sorted(needed ^ files.keys()):
            why = "is not a file of a pack" if name in files else "is missing"
            self.demand(name in files and MAY_BE.fullmatch(name), "bag", name, why)
        sizes = [len(content) for content in files.values()]
        self.demand(max(sizes, default=0) <= MAX_FILE and sum(sizes) <= MAX_PACK, "bag", None, "is too large")

    def check_bagit(self):
        require(self.files["bagit.txt"] == BAGIT, "does not declare BagIt 1.0 and UTF-8, a line each")

    def check_info(self):
        files, text = self.files, self.files["bag-info.txt"].decode()
        require(re.fullmatch(r"([^:\r\n]+: [^\r\n]*\n)*", text), "has a line that is not a label and its value")
        payload = [len(content) for name, content in files.items() if name.startswith("data/")]
        right = "Payload-Oxum: %d.%d" % (sum(payload), len(payload))
        sizes = [line for line in text.split("\n") if line.lower().startswith("payload-oxum:")]
        require(sizes == [right], "must contain exactly once: " + right)

    def check_manifest(self, manifest, is_payload):
        """Compares a manifest with the files in data/, or with those outside it."""
        text, listed = self.files[manifest].decode(), {}
        require(text.endswith("\n"), "does not end with a line feed")
        for line in text[:-1].split("\n"):
            found = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
            require(found, "has a line that is not a digest and a path")
            require(not listed or max(listed) < found[2], "has a repeated path, or paths in the wrong order")
            listed[found[2]] = found[1]
        for name in sorted(listed.keys() | self.files.keys()):
            is_own = name.startswith("data/") == is_payload and name not in ("tagmanifest-sha256.txt", "statement")
            if not is_own:
                self.demand(name not in listed, "manifest", manifest, "lists a file that does not belong in it: " + name)
            elif name not in listed or name not in self.files:
                self.demand(False, "manifest", name, "is present, but not listed" if name in self.files else "is listed, but missing")
            else:
                self.demand(sha256(self.files[name]).hex() == listed[name], "manifest", name, "does not match its digest in " + manifest)

    def find_erased(self, number, event):
        """Records which version erased each value that a redaction names."""
        if event["type"] == "CommentRedacted":
            target, pointers = self.numbers.get(event["data"].get("eventId")), event["data"].get("erased")
            require(fits(pointers, [TEXT]), "does not list the pointers that it erased")
            require((target or number) < number, "does not name an earlier event")
            self.erased.update({(target, pointer): number for pointer in pointers})
            require(self.events[target]["commitments"].keys() >= {*pointers}, "erased values that the event never had")

    def check_missing(self):
        """Checks that every missing value was either erased or listed as withheld, and no other value."""
        places = {(number, pointer) for number, event in self.events.items() for pointer in event["commitments"]}
        present = {(number, pointer) for number, pointer in places if is_present(self.events[number], pointer)}
        withheld = [(entry["version"], entry["pointer"]) for entry in self.withheld]
        gone = places - present - self.erased.keys()
        for number, pointer in sorted(present & self.erased.keys()):
            self.demand(False, "erased", self.names[number], pointer + " was erased, but is present")
        for number, pointer in sorted(gone.difference(withheld)):
            self.demand(False, "missing", self.names[number], pointer + " is missing, but was neither erased nor withheld")
        right = sorted(gone.intersection(withheld), key=lambda place: (place[0], utf16(place[1])))
        require(withheld == right, "lists a value that is present, erased or unknown, or lists values twice or in the wrong order")

    def check_lifecycles(self):
        named = {event["lifecycle"]["digest"] for event in self.events.values() if event["lifecycle"]}
        for digest, found in self.lifecycles.items():
            is_right = digest in named and (found is None or found.digest == digest)
            name = "data/lifecycles/%s.json" % digest
            self.demand(is_right, "lifecycle", name, "has a digest that does not match its name, or no event names it")

    def check_events(self):
        stream, count = (self.signed[2], int(self.signed[3])) if self.signed else ("", len(self.names))
        self.demand(count == len(self.names), "stream", "statement", "has a different number of events")
        self.demand([*self.names] == [*range(1, len(self.names) + 1)], "stream", "data/events", "lacks a version")
        for number, event in self.events.items():
            name, before = self.names[number], self.events.get(number - 1)
            self.demand(not self.signed or event["streamId"] == stream, "stream", name, "belongs to a different stream")
            self.demand(event["version"] == number, "stream", name, "has a version that does not match its file name")
            self.check("hash", name, check_hash, event)
            self.check("commitment", name, check_commitments, event)
            reference = event["lifecycle"] or {"digest": None}
            lifecycle = self.lifecycles.get(reference["digest"])
            self.demand(reference["digest"] in self.lifecycles, "lifecycle", name, "names no lifecycle of the pack")
            if lifecycle:
                is_named = (lifecycle.name, lifecycle.version) == (reference["name"], reference["version"])
                self.demand(is_named, "lifecycle", name, "names a lifecycle by a wrong name or version")
            if before or number == 1:  # After a gap there is nothing to compare with.
                last = before or {"hash": None, "recordedAt": "", "state": None}
                self.demand(event["previousHash"] == last["hash"], "chain", name, "does not follow the event before it")
                self.demand(event["recordedAt"] >= last["recordedAt"], "malformed", name, "was recorded before the previous event")
                if lifecycle:
                    self.check("state", name, lifecycle.check_state, event, last["state"] or {})

    def check_ids(self):
        """Checks that the events of a command, and the numbers in their ids, are consecutive."""
        over = set()
        for command, run in itertools.groupby(self.events.items(), lambda one: one[1]["command"]["id"]):
            ids = {self.names[number]: event["eventId"] for number, event in run}
            # Stops after enough divergences, so that a forged pack cannot keep the verifier busy for ever.
            numbers = range(MAX_EVENTS_OF_A_COMMAND) if len(self) < MAX_DIVERGENCES and command not in over else ()
            first = next((number for number in numbers if event_id(command, number) in ids.values()), None)
            for at, (name, identity) in enumerate(ids.items()):
                is_right = first is not None and event_id(command, first + at) == identity
                self.demand(is_right, "event-id", name, "does not have the id derived from its command and its number")
            over.add(command)
        is_right = not self.made or event_id(self.made["command"]["id"], 0) == self.made["eventId"] not in self.numbers
        self.demand(is_right, "event-id", "data/pack-made.json", "does not have the id derived from its command")

    def check_pack_made(self):
        if self.made:
            event, last, digest = self.made, self.events.get(max(self.names)), sha256(self.files["data/withheld.json"])
            require(event["type"] == "PackMade" and event["lifecycle"] is None, "is not a PackMade, or has a lifecycle")
            require(event["streamId"][:7] == "access-" and day(event["streamId"][7:]), "is not of a stream access-<date>")
            require((event["version"] == 1) == (event["previousHash"] is None), "has a previousHash that does not match its version")
            check_hash(event)
            check_commitments(event)
            require(all(is_present(event, pointer) for pointer in event["commitments"]), "lacks a value")
            require(event["schemaVersion"] == 1, "has a schema version that this verifier does not support")
            adoptions = event["data"].get("adoptions")
            require(fits(adoptions, ADOPTIONS), "has an invalid list of adoptions")
            expected = {name: last[name] for name in ("hash", "streamId", "version")} if last else {}
            expected = {"adoptions": adoptions, **expected, "withheld": {"count": len(self.withheld), "sha256": digest.hex()}}
            require(canonical(event["data"]) == canonical(expected), "does not describe this pack")

    def check_statement(self):
        if self.statement:
            require(self.signed, "is not a statement of a pack, which has four lines")
            digest, _, version, *made = self.signed.groups()
            require(int(version) == len(self.names), "states a different number of events from the pack")
            require(digest == sha256(self.files["tagmanifest-sha256.txt"]).hex(), "states a different digest")
            is_right = not self.made or made == [self.made["recordedAt"], self.made["actor"]["subject"]]
            require(is_right, "states a different time or subject from data/pack-made.json")
            names = {name for name, _, _ in self.statement.signatures}
            require(not self.checkpoint or names == {self.checkpoint.origin}, "has a signature under a name other than the log's")

    def check_proof(self, name, event):
        """Returns an event's index in the log. The proof must result in the root, and indices must rise."""
        if not self.checkpoint:
            return None
        head, _, tail = self.files[name].partition(b"\n\n")
        first, index, *path = head.decode("ascii").split("\n")
        require(first == "c2sp.org/tlog-proof@v1" and index[:6] == "index ", "is not a proof")
        require(tail == self.files["data/checkpoint"], "ends with a different checkpoint from data/checkpoint")
        index, path = decode_decimal(index[6:]), [decode_base64(line, 32) for line in path]
        if event:
            require(index < self.checkpoint.size, "has an index beyond the log")
            leaf = sha256(b"\0" + bytes.fromhex(event["hash"]))
            _, root = climb(index, self.checkpoint.size - 1, leaf, path)
            require(root == self.checkpoint.root, "does not prove that the log contains the event")
            self.demand(index > self.last_index, "proof", name, "has an index that is not higher than that of the event before")
            self.last_index = index
        return index

    def check_previous(self):
        if self.checkpoint and self.previous:
            is_same = self.previous.origin == self.checkpoint.origin
            self.demand(is_same, "checkpoint", PAIR[0], "belongs to a different log")
            *lines, rest = self.files[PAIR[1]].decode("ascii").split("\n")
            require(rest == "", "does not end with a line feed")
            check_consistency(self.previous, self.checkpoint, [decode_base64(line, 32) for line in lines])

    def signers_of(self, name, note):
        """Returns the caller's keys that signed a note in the log's name. One must have, except for the earlier checkpoint."""
        signers = [key for key in note.signers(self.keys) if key.name == self.checkpoint.origin] if note else []
        if note and name != PAIR[0]:
            ids = ", ".join(identity.hex() for name, identity, _ in note.signatures if name == self.checkpoint.origin)
            is_known = any(key.name == self.checkpoint.origin for key in self.keys)
            why = "The log may have a new key: get its keys again, from a source other than the pack."
            why = why if is_known else "The pack is from a different log than your key."
            require(signers, "is signed with the log's keys %s, which you did not supply. %s" % (ids or "(none)", why))
        return signers

    def check_witnesses(self):
        """Counts keys, not names. The log's own key is never a witness."""
        of_log = {key.public for key in self.keys}
        for key in self.witnesses:
            at = None if key.public in of_log else self.checkpoint.cosigned_at(key)
            if at is not None:
                self.cosigned.setdefault(key.public, (key.name, at))
        named = {key.public: key.name for key in self.witnesses}
        missing = ", ".join(name for public, name in named.items() if public not in self.cosigned)
        why = "is signed by %d of your %d witnesses, which is not more than half; missing: %s"
        require(2 * len(self.cosigned) > len(named), why % (len(self.cosigned), len(named), missing))

    def check_kept(self):
        kept, own = self.kept, self.checkpoint
        require(kept.origin == own.origin, "is of the log %s, but your checkpoint is of %s" % (own.origin, kept.origin))
        roots = [note.root for note in (own, self.previous) if note and note.size == kept.size]
        if kept.size > own.size:
            self.gap = "Your checkpoint covers %d events. The pack is older. Request a newer pack." % kept.size
        elif not roots:
            self.gap = "The pack has no proof from your checkpoint of %d events. Request a pack made with --since." % kept.size
        is_same = not roots or roots[0] == kept.root
        require(is_same, "has a different root from your checkpoint, for as many events: the log was rewritten. Keep both files")

    def check_times(self):
        """Warns about implausible times. They do not change the verdict: clocks can differ, by less than TOLERANCE."""
        times = [self.previous.cosigned_at(key) for key in self.witnesses] if self.previous else []
        seen_at = min((at for at in times if at is not None), default=None)
        made = self.made and seconds_of(self.made["recordedAt"])
        for number, event in self.events.items():
            at, index, recorded_at = seconds_of(event["recordedAt"]), self.indices.get(number), event["recordedAt"]
            if made is not None and at > made + TOLERANCE:
                self.warn("after-pack", number, "was recorded at %s, after the pack was made" % recorded_at)
            is_later = seen_at is not None and index is not None and index >= self.previous.size
            if is_later and at < seen_at - TOLERANCE:
                self.warn("before-checkpoint", number, "was recorded at %s, before a checkpoint that it follows in the log" % recorded_at)

    def warn(self, code, number, detail):
        self.warnings.append({"code": code, "file": self.names[number], "detail": detail})

    def result(self):
        """Returns the object that --json prints."""
        signed, made, checkpoint = self.signed, self.made, self.checkpoint
        indices = [self.indices.get(number) for number in self.names]
        verdict = ("witnessed" if self.cosigned else "signed") if self.signers else "consistent"
        kept_events = sum(index is not None and index < self.kept.size for index in indices) if self.kept and not self else None
        adoptions = made["data"].get("adoptions") if made else None
        return {
            "verdict": "does-not-hold" if self else verdict, "origin": checkpoint and checkpoint.origin,
            "streamId": signed and signed[2], "version": signed and int(signed[3]), "events": len(self.names),
            "erased": len(self.erased), "withheld": len(self.withheld),
            "madeAt": made and made["recordedAt"], "madeFor": made and made["actor"],
            "checkpoint": checkpoint and {"size": checkpoint.size, "root": base64.b64encode(checkpoint.root).decode()},
            "signers": ["%s+%s" % (key.name, key.id.hex()) for key in self.signers],
            "witnesses": [{"name": name, "at": instant_of(at)} for name, at in self.cosigned.values()],
            "stampedAt": None, "keptEvents": kept_events, "indices": indices,
            "lifecycles": sorted({event["lifecycle"]["digest"] for event in self.events.values() if event["lifecycle"]}),
            "adoptions": adoptions if fits(adoptions, ADOPTIONS) else [],
            "warnings": self.warnings, "divergences": self[:MAX_DIVERGENCES],
        }

# Output for people.

# The ranges of docs/pack-format.md, so that all verifiers escape the same characters.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000"
    "\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)

def plain(text):
    """Escapes characters that control a terminal, change the writing direction or are invisible."""
    return INVISIBLE.sub(lambda found: "\\u{%x}" % ord(found[0]), text)

NOT_PROVED = (
    "that its last event is the record’s last",
    "that the log has no other history of the record",
    "that people kept to rules and roles, that contents are true, and who people are",
    "who asked for erasure",
)

def head_lines(result):
    """Yields the verdict, and what the pack does and does not prove."""
    verdict = {
        "does-not-hold": "Does not hold", "consistent": "Consistent with itself, but nobody vouches for it",
        "signed": "Signed by %s" % result["origin"],
        "witnessed": "Signed by %s, and witnessed by %d" % (result["origin"], len(result["witnesses"])),
    }[result["verdict"]]
    counts = "%(events)d events, %(erased)d {} erased, %(withheld)d withheld".format("value" if result["erased"] == 1 else "values")
    yield "%s: %s, %s" % (verdict, result["streamId"] or "no record", counts % result)
    yield from ("  Not proved: " + what for what in NOT_PROVED)
    yield from ("  " + ": ".join(filter(None, divergence.values())) for divergence in result["divergences"])
    if any(divergence["code"] == "zip" for divergence in result["divergences"]):
        yield "  A repacked zip is refused. Use the original zip."
    yield from ("  warning: %(code)s: %(file)s: %(detail)s" % one for one in result["warnings"])
    if result["madeAt"]:
        made_for = result["madeFor"]["subject"], ", ".join(result["madeFor"]["roles"])
        yield "  Made on %s for %s (%s) (the operator’s statement)" % (result["madeAt"], *made_for)
    if result["checkpoint"]:
        yield "  Checkpoint: %(size)d events, root %(root)s" % result["checkpoint"]
    yield from ("  Signed with your key " + key for key in result["signers"])
    yield from ("  Witnessed by %(name)s at %(at)s" % one for one in result["witnesses"])
    if result["witnesses"]:
        yield "  A witness that the operator runs proves nothing."
    if result["keptEvents"] is not None:
        yield "  Your checkpoint: the log extends it, and %(keptEvents)d of %(events)d events were already in it" % result
    yield from ("  Lifecycle: " + digest for digest in result["lifecycles"])
    for one in result["adoptions"]:
        lost = "the checkpoint of %(size)d events, root %(root)s" % one["lost"] if one["lost"] else "no checkpoint"
        yield "  Store adopted on %s, which lost %s. Reason: %s" % (one["recordedAt"], lost, one["reason"])

def shown(name, value):
    """Formats a value. An imported file, in base64, is shown as its length and digest."""
    if name == "source" and isinstance(value, str):
        try:
            data = decode_base64(value)
        except ValueError:
            data = value.encode()
        return "%d bytes, SHA-256 %s" % (len(data), sha256(data).hex())
    return value if isinstance(value, str) else canonical(value).decode()

def report_lines(verifier, result):
    """Yields the lines above, and the record's events."""
    yield from head_lines(result)
    yield from ("  Ignored: " + name for name in verifier.ignored)
    yield ""
    reasons = {(one["version"], one["pointer"]): "withheld, " + one["code"] for one in verifier.withheld}
    reasons.update({place: "erased by version %d" % by for place, by in verifier.erased.items()})
    for number, event in verifier.events.items():
        index = verifier.indices.get(number)
        fields = number, event["type"], event["actor"]["subject"], event["effectiveOn"], event["recordedAt"]
        yield "%d. %s by %s, effective %s, recorded %s, index " % fields + ("not proved" if index is None else str(index))
        missing = {pointer: reasons[number, pointer] for pointer in event["commitments"] if (number, pointer) in reasons}
        for name, value in [*event["data"].items(), *missing.items(), *(event["state"] or {}).items()]:
            yield from ("   %s: " % name + shown(name, value)).replace("\n", "\n   | ").split("\n")

def arguments():
    about = "Verify a pack. Exit status: 0 signed or witnessed, 1 does not hold, 2 usage error or no verdict, 4 consistent."
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("pack", nargs="?", metavar="FOLDER|ZIP", help="the pack (default: the folder of this file)")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's verifier key; can be repeated")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY", help="a witness's verifier key; can be repeated")
    parser.add_argument("--checkpoint", metavar="FILE", help="a checkpoint of the log that you kept")
    parser.add_argument("--tsa", metavar="FILE", help="not supported; use docket verify --pack, or verify.html")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()

def main():
    options = arguments()
    try:
        require(options.tsa is None, "--tsa: this verifier cannot check time stamps. Use docket verify --pack, or verify.html")
        kept = None if options.checkpoint is None else read_file(options.checkpoint, MAX_NOTE)
        where = options.pack or os.path.dirname(os.path.abspath(__file__))
        verifier = Verifier(where, options.key, options.witness, kept)
    except (OSError, ValueError) as problem:
        kind = "no verdict: " if isinstance(problem, NoVerdict) else "usage error: "
        is_own = isinstance(problem, (OSError, NoVerdict))
        print("verify.py: " + kind + plain(str(problem) if is_own else because(problem)), file=sys.stderr)
        return 2
    result = verifier.result()
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        for line in [json.dumps(result, indent=2)] if options.json else map(plain, report_lines(verifier, result)):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:  # The reader closed the pipe, as head does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXITS[result["verdict"]]

if __name__ == "__main__":
    sys.exit(main())
