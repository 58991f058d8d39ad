#!/usr/bin/env python3
"""Verify an evidence pack of Docket: without a network, without the service, with Python 3.9 or later alone.

    python3 verify.py                              the pack in whose folder this file lies
    python3 verify.py --key VKEY FOLDER_OR_ZIP     any pack, as the holder of this key signed it

It was written from docs/event-format.md, docs/lifecycle-definition.md and docs/pack-format.md, which say what must hold. It reads the pack
and the files that it is given, and nothing else. Whoever does not trust the copy in a pack takes one from elsewhere: they do the same.
"""

import argparse
import base64
import copy
import hashlib
import json
import os
import re
import struct
import sys
import unicodedata
import zlib
from datetime import datetime

MAX_PACK, MAX_FILE, MAX_NOTE, MAX_DEFINITION = 1 << 30, 64 << 20, 64 << 10, 1 << 20
MAX_NUMBER, MAX_DEPTH, MAX_DIVERGENCES, MAX_EVENTS_OF_A_COMMAND = 2**53 - 1, 32, 100, 10_000

class Refused(ValueError):
    """What was read is not what the pages ask for; the text says why."""

def require(condition, why):
    if not condition:
        raise Refused(why)

def sha256(data):
    return hashlib.sha256(data).digest()


# Canonical JSON (RFC 8785), in which a pack has no numbers but whole ones.

def parse_json(data):
    """The value of JSON in UTF-8. Refuses what two readers could take for two things: a name twice, a number that is not exact."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_int=_whole, parse_float=_no_number, parse_constant=_no_number)
    except RecursionError:
        raise Refused("is nested too deep") from None

def _object(pairs):
    value = dict(pairs)
    require(len(value) == len(pairs), "has a name twice in one object")
    return value

def _whole(digits):
    # The length comes first: to turn a million digits into a number takes long, and newer Pythons refuse it.
    require(len(digits) <= 17 and abs(int(digits)) <= MAX_NUMBER, "has a number beyond 2^53-1")
    return int(digits)

def _no_number(digits):
    raise Refused("has a number that is not whole")

def utf16(text):
    """What RFC 8785 orders names by. Python orders texts by code points, which is not the same."""
    return text.encode("utf-16-be")

def canonical(value):
    """Canonical JSON. json.dumps writes texts as ECMAScript does; only the order of names is left to do."""
    return json.dumps(_ordered(value, 0), ensure_ascii=False, separators=(",", ":")).encode()

def _ordered(value, depth):
    if not isinstance(value, (dict, list)):
        return value
    require(depth < MAX_DEPTH, "is nested deeper than %d" % MAX_DEPTH)
    if isinstance(value, list):
        return [_ordered(item, depth + 1) for item in value]
    return {name: _ordered(value[name], depth + 1) for name in sorted(value, key=utf16)}


# Shapes: a pattern is that of a text, (a, b) is one or the other, [a] a list, {name: a} an object with these members (name? may be
# left out), {...: a} an object with any; a function says for itself.

def fits(value, shape):
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and not unfit(value, shape)
    return value is None if shape is None else shape(value)

def unfit(value, shape):
    """The names of an object's members that are missing, unknown, or not of their shape."""
    if not isinstance(value, dict):
        return ["all"]
    shapes = {name.rstrip("?"): one for name, one in shape.items() if name is not ...}
    missing = [name for name in shapes if name in shape and name not in value]
    return missing + [name for name in value if not fits(value[name], shapes.get(name, shape.get(..., ())))]

def instant(value):
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").isoformat(timespec="milliseconds") + "Z" == value
    except (TypeError, ValueError):
        return False

def day(value):
    return isinstance(value, str) and instant(value + "T00:00:00.000Z")

def whole(value):
    return type(value) is int  # True is a number to Python, and none to JSON.

def positive(value):
    return whole(value) and value >= 1

TEXT, NAME, DIGEST, HEX16 = map(re.compile, (r"[\s\S]*", r"[a-z0-9-]+", r"[0-9a-f]{64}", r"[0-9a-f]{32}"))
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENVELOPE = {
    "envelope": whole, "eventId": UUID, "type": TEXT, "schemaVersion": positive, "streamId": TEXT, "version": positive,
    "recordedAt": instant, "effectiveOn": day, "actor": {"subject": TEXT, "roles": [TEXT]},
    "command": {"id": UUID, "name": TEXT, "digest": (DIGEST, None)}, "decision": ({"role": TEXT, "guards": [TEXT]}, None),
    "correlationId": TEXT, "causationId": (TEXT, None), "origin": re.compile(r"command|import|sweep"),
    "lifecycle": ({"name": TEXT, "version": positive, "digest": DIGEST}, None), "state": ({...: TEXT}, None),
    "data": {...: lambda value: True}, "nonce": HEX16, "commitments": {...: DIGEST}, "salts": {...: HEX16},
    "previousHash": (DIGEST, None), "hash": DIGEST,
}
WITHHELD = [{"code": re.compile(r"[A-Za-z0-9().-]{1,32}"), "pointer": TEXT, "version": positive}]
TARGETS = {...: (TEXT, {"target": TEXT, "guard": NAME})}
RULE = {"kind": re.compile(r"first|move|note"), "schemaVersion": positive, "owner?": NAME, "countsFor?": [NAME], "sensitive?": [TEXT]}
REGION = {"initial": NAME, "states": {...: {"on?": TARGETS}}, "on?": TARGETS}
DEFINITION = {
    "name": NAME, "version": positive, "statusRegion": NAME, "guards": {...: {"region": NAME, "in": [NAME]}}, "events": {...: RULE},
    "machine": {"id": TEXT, "type": re.compile(r"parallel"), "states": {...: REGION}}, "thresholds": {...: whole},
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
    """The point of 32 bytes; None where they are not its canonical encoding, or it is of small order: then one signature would hold for much."""
    sign, y = int.from_bytes(data, "little") >> 255, int.from_bytes(data, "little") % 2**255
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
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text and length in (None, len(data)), "has base64 that is wrong")
    return data

def decode_decimal(text):
    require(re.fullmatch(r"0|[1-9][0-9]{0,15}", text) and int(text) <= MAX_NUMBER, "has no number from 0 to 2^53-1 where one is due")
    return int(text)

def check_key_name(name):
    require(name and "+" not in name and not any(c.isspace() or c < " " for c in name), "has a key whose name is wrong")

class Key:
    """A verifier key, `<name>+<id>+<base64>`."""

    def __init__(self, vkey, kind):
        require(vkey.count("+") >= 2, "a key is <name>+<id>+<base64>, the key itself and not the name of its file")
        self.name, identity, encoded = vkey.split("+", 2)
        check_key_name(self.name)
        material = decode_base64(encoded, 33)
        self.id, self.public = sha256(self.name.encode() + b"\n" + material)[:4], material[1:]
        require(material[0] == kind and identity == self.id.hex(), "a key of another type, or with the id of another: " + vkey)
        require(point_decode(self.public), "a key that is no point of the curve, or one of small order: " + vkey)

class Note:
    """A text, and the lines of those who signed it."""

    def __init__(self, data):
        require(len(data) <= MAX_NOTE and not any(c < 0x20 and c != 0x0A for c in data), "is a note with control characters, or too large")
        text, empty_line, lines = data.decode().rpartition("\n\n")
        require(empty_line and lines.endswith("\n") and lines.count("\n") <= 64, "is no signed note, or has more than 64 signatures")
        self.text, self.bytes = text + "\n", text.encode() + b"\n"
        self.signatures = [self._signature(*line.split(" ")) for line in lines[:-1].split("\n")]

    def _signature(self, dash="", name="", encoded="", *more):
        check_key_name(name)
        data = decode_base64(encoded)
        require(dash == "—" and not more and len(data) > 4, "has a line that is no signature")
        return name, data[:4], data[4:]

    def by(self, key):
        return [signature for name, identity, signature in self.signatures if (name, identity) == (key.name, key.id)]

    def signers(self, keys):
        """Those of the logs' keys that signed. A signature of a known key that does not hold spoils the note."""
        for key in keys:
            holds = all(ed25519_holds(key.public, self.bytes, signature) for signature in self.by(key))
            require(holds, "has a signature of %s that does not hold" % key.name)
        return [key for key in keys if self.by(key)]

    def is_cosigned(self, key):
        for signature in self.by(key):
            seconds = int.from_bytes(signature[:8], "big")
            message = b"cosignature/v1\ntime %d\n" % seconds + self.bytes
            if len(signature) == 72 and seconds < 1 << 63 and ed25519_holds(key.public, message, signature[8:]):
                return True
        return False

class Checkpoint(Note):
    """How many events a log has, and the root of their tree."""

    def __init__(self, data):
        super().__init__(data)
        self.origin, *lines = self.text.split("\n")
        require(self.origin and len(lines) == 3 and not self.origin.startswith("docket-pack/"), "is not the three lines of a checkpoint")
        self.size, self.root = decode_decimal(lines[0]), decode_base64(lines[1], 32)

    def is_same(self, other):
        return other is not None and (self.size, self.root) == (other.size, other.root)

class Policy:
    """Whom a verifier trusts: logs, witnesses, and how many of the witnesses it takes."""

    def __init__(self, data):
        require(len(data) <= MAX_DEFINITION and re.fullmatch(rb"[\t\n -~\x80-\xff]*", data), "is a policy with control characters, or too large")
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        # Names are octets: latin-1 has a character for each.
        for line in data.decode("latin-1").split("\n"):
            words = re.findall(r"[^ \t]+", line)
            if words and words[0][0] != "#":
                self._add(words[0], *words[1:])
        require(self.quorum, "is a policy without a quorum")

    def _add(self, keyword, name="", *words):
        known, of_groups = {*self.witnesses, *self.groups}, [one for _, members in self.groups.values() for one in members]
        is_free = name not in known and name != "none"
        if keyword == "log" and name and len(words) <= 1:
            self.logs.append(self._key(name, LOG, self.logs))
        elif keyword == "witness" and len(words) in (1, 2) and is_free:
            self.witnesses[name] = self._key(words[0], WITNESS, self.witnesses.values())
        elif keyword == "group" and len(words) >= 2 and is_free and known.difference(of_groups) >= set(words[1:]):
            needed, *members = words
            count = {"any": 1, "all": len(members)}.get(needed) or decode_decimal(needed)
            require(1 <= count <= len(members) == len(set(members)), "is a policy with a group that is wrong: " + name)
            self.groups[name] = count, members
        elif keyword == "quorum" and not words and not self.quorum and (name == "none" or name in known):
            self.quorum = name
        else:
            raise Refused("is a policy with a line that is wrong: %s %s" % (keyword, name))

    def _key(self, vkey, kind, others):
        key = Key(vkey.encode("latin-1").decode(), kind)
        require(all(key.public != other.public for other in others), "is a policy with a key twice")
        return key

    def is_witnessed(self, checkpoint):
        """Whether the quorum signed. A group has only members defined before it, so one pass is enough."""
        signed = {name for name, key in self.witnesses.items() if checkpoint.is_cosigned(key)}
        for name, (count, members) in self.groups.items():
            signed.update([name] if len(signed.intersection(members)) >= count else [])
        return self.quorum in signed


# The log's tree (RFC 6962, 2.1): its left part is the largest power of two below its size. Paths end nearest to the root.

def node_hash(left, right):
    return sha256(b"\1" + left + right)

def left_part(size):
    return 1 << (size - 1).bit_length() - 1

def root_from(leaf, index, size, path):
    """The root to which a path leads from a leaf."""
    require(index < size and (size > 1) == bool(path), "has a path that is too long or too short")
    if size == 1:
        return sha256(b"\0" + leaf)
    left = left_part(size)
    if index < left:
        return node_hash(root_from(leaf, index, left, path[:-1]), path[-1])
    return node_hash(path[-1], root_from(leaf, index - left, size - left, path[:-1]))

def roots_from(first, second, path, known):
    """The roots of the first `first` and of all `second` leaves; `known` is the former, where it is a part of the latter's tree."""
    if first == second:
        require(len(path) == (known is None), "has a path that is too long or too short")
        return (path or [known]) * 2
    require(path, "has a path that is too short")
    left = left_part(second)
    if first <= left:
        earlier, later = roots_from(first, left, path[:-1], known)
        return [earlier, node_hash(later, path[-1])]
    earlier, later = roots_from(first - left, second - left, path[:-1], None)
    return [node_hash(path[-1], earlier), node_hash(path[-1], later)]

def parse_proof(data, checkpoint):
    """The index and the path of a proof, which ends in the bytes of a checkpoint."""
    head, _, tail = data.partition(b"\n\n")
    first, index, *path = head.decode("ascii").split("\n") + ([""] if b"\n" not in head else [])
    require(first == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "is no proof")
    require(tail == checkpoint, "ends in another checkpoint than data/checkpoint")
    return decode_decimal(index[6:]), [decode_base64(line, 32) for line in path]


# Reading a pack: its files by their paths. What cannot be read is refused, with its code and its file.

class Divergences(list):
    def refuse(self, code, file, detail):
        self.append({"code": code, "file": file, "detail": detail})

    def demand(self, condition, code, file, detail):
        if not condition:
            self.refuse(code, file, detail)

    def check(self, code, file, function, *values):
        """What a function returns. Whatever goes wrong in it says that the file is wrong: nothing in a pack ends the verifier."""
        try:
            return function(*values)
        except Exception as problem:
            self.refuse(code, file, str(problem) or type(problem).__name__)

def read_file(path, limit):
    """The bytes of a file; one more than the limit where there are more, so that nothing endless is read."""
    with open(path, "rb") as file:
        return file.read(limit + 1)

def read_folder(path):
    """Files, divergences, and what was passed over because a desktop left it there."""
    files, divergences, folders, size = {}, Divergences(), [""], 0
    while folders:
        folder = folders.pop()
        entries = sorted(os.scandir(os.path.join(path, folder)), key=lambda entry: entry.name)
        if not entries:
            divergences.refuse("bag", folder, "is a folder without files")
        for entry in entries:
            name, is_link = folder + entry.name, entry.is_symlink() or getattr(entry, "is_junction", bool)()
            if entry.is_dir() and not is_link:
                folders.append(name + "/")
            elif is_link or not entry.is_file() or size > MAX_PACK:
                divergences.refuse("bag", name, "is neither a file nor a folder, or is too much")
            else:
                files[name] = read_file(entry.path, MAX_FILE)
                size += len(files[name])
    listed = b"".join(files.get(name, b"") for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"))
    left = [name for name in files if os.path.basename(name) in (".DS_Store", "Thumbs.db", "desktop.ini")]
    passed_over = [name for name in left if b"  %s\n" % os.fsencode(name) not in listed]
    return {name: content for name, content in files.items() if name not in passed_over}, divergences, passed_over

def read_zip(data):
    """Files, divergences, and nothing passed over. Each byte is of one header or one file, and headers agree: there is one way to read it."""
    divergences = Divergences()
    return divergences.check("zip", "", _zip_files, data) or {}, divergences, []

def _zip_files(data):
    files, bases = {}, set()
    for name, content in _zip_entries(data):
        base, _, rest = name.decode("ascii").partition("/")
        require(re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}", base), "has an entry outside its base folder")
        require({"", ".", ".."}.isdisjoint(rest.split("/")) and rest not in files, "has an entry for a folder, or two for one file")
        bases.add(base)
        files[rest] = content
    require(len(bases) == 1 and len({name.lower() for name in files}) == len(files), "has two base folders, or names that differ in case alone")
    return files

def _zip_entries(data):
    end = len(data) - 22
    require(0 <= end < MAX_PACK and data[end : end + 4] == b"PK\5\6", "does not end with an end record, or is too large")
    disk, start, here, count, size, directory, comment = struct.unpack_from("<4H2LH", data, end + 4)
    require((disk, start, comment) == (0, 0, 0) and here == count < 65535 and directory + size == end, "has an end record that is wrong")
    offset, place = 0, directory
    for _ in range(count):
        _, *common, name_length, extra, comment, disk, _, attributes, at = struct.unpack_from("<6H3L5H2L", data, place + 4)
        needed, flags, method, _, _, checksum, stored, unpacked = common
        require((flags, method, extra, comment, disk) == (0, 0, 0, 0, 0) and needed <= 20, "has an entry that is not plainly stored")
        require(attributes >> 28 in (0, 8), "has an entry that is no plain file")
        require(stored == unpacked < 0xFFFFFFFF and at == offset, "has an entry whose size or place is wrong")
        begin = offset + 30 + name_length
        name, content = data[offset + 30 : begin], data[begin : begin + stored]
        local = data[offset : offset + 4] == b"PK\3\4" and [*struct.unpack_from("<5H3L2H", data, offset + 4)] == [*common, name_length, 0]
        central = data[place : place + 4] == b"PK\1\2" and data[place + 46 : place + 46 + name_length] == name
        require(local and central, "has two headers that do not agree")
        require(begin + stored <= directory and zlib.crc32(content) == checksum, "has an entry whose size or CRC-32 is wrong")
        offset, place = begin + stored, place + 46 + name_length
        yield name, content
    require((offset, place) == (directory, end), "has bytes between its entries")


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
    sealed = {name: value for name, value in event.items() if name not in ("hash", "salts")}
    sealed["data"] = copy.deepcopy(event["data"]) if event["commitments"] else event["data"]
    for pointer in event["commitments"]:
        holder, name = holder_of(sealed, pointer)
        if isinstance(holder, dict):
            holder.pop(name, None)
    require(sha256(canonical(sealed)).hex() == event["hash"], "is not what was sealed: it has another hash")

def check_commitments(event):
    """A value that is there has its salt, and both give its commitment."""
    for pointer, commitment in event["commitments"].items():
        salt, (holder, name) = event["salts"].get(pointer), holder_of(event, pointer)
        require(is_there(event, pointer) == (salt is not None), pointer + " has a salt without its value, or is there without a salt")
        given = salt is None or sha256(bytes.fromhex(salt) + canonical(holder[name])).hex()
        require(given in (True, commitment), pointer + " is not what was sealed")

def event_id(command_id, number):
    """The UUID (version 5) that a command gives to its event of this number."""
    digest = bytearray(hashlib.sha1(bytes.fromhex(command_id.replace("-", "")) + b"%d" % number).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    return re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", digest.hex())


# Lifecycles: which events are legal, and to which state they lead.

class Lifecycle:
    """A definition that can be replayed. `leads` has for each region, state and type of event the target and the guard's name."""

    def __init__(self, value):
        wrong = unfit(value, DEFINITION)
        require(not wrong, "has members that are missing or wrong: " + ", ".join(wrong))
        self.name, self.version, self.guards, self.rules = value["name"], value["version"], value["guards"], value["events"]
        regions = value["machine"]["states"]
        self.initial, self.leads = {name: region["initial"] for name, region in regions.items()}, {}
        for name, region in regions.items():
            self.leads[name] = self._leads(region["states"], region.get("on", {}))
            require(self._reached(name) == region["states"].keys(), "has a state that nothing leads to, in " + name)
        names = [name for region in self.leads.values() for name in region]
        require(all(fits(name, NAME) for name in [*self.leads, *names, *self.guards]), "has a name that is wrong")
        require(value["statusRegion"] in self.leads, "has a statusRegion that is no region")
        for name, guard in self.guards.items():
            require(guard["in"] and self.leads.get(guard["region"], {}).keys() >= set(guard["in"]), "has a guard that is wrong: " + name)
        for kind, rule in self.rules.items():
            self._check_rule(kind, rule, {*rule.get("countsFor", []), rule.get("owner")} - {None})
        require([rule["kind"] for rule in self.rules.values()].count("first") == 1, "has not one event that makes the record")

    def _leads(self, states, everywhere):
        leads = {}
        for name, state in states.items():
            here = state.get("on", {})
            require(everywhere.keys().isdisjoint(here), "has an event of a region and of its state")
            leads[name] = {kind: self._target(kind, target, 0, states) for kind, target in here.items()}
            leads[name].update({kind: self._target(kind, target, 1, states) for kind, target in everywhere.items()})
        return leads

    def _target(self, kind, target, dots, states):
        target, guard = (target, None) if isinstance(target, str) else (target["target"], target["guard"])
        require(target[:dots] == "." * dots and target[dots:] in states, "has a target that is no state: " + target)
        require(guard is None or guard in self.guards, "has no guard %s" % guard)
        require(self.rules.get(kind, {}).get("kind") == "move", "has an event that is no move: " + kind)
        return target[dots:], guard

    def _reached(self, region):
        reached, waiting = set(), [self.initial[region]]
        while waiting:
            state = waiting.pop()
            if state not in reached:
                reached.add(state)
                waiting += [target for target, _ in self.leads[region].get(state, {}).values()]
        return reached

    def _check_rule(self, kind, rule, regions):
        is_move = rule["kind"] == "move"
        require(is_move == ("owner" in rule) and (is_move or "countsFor" not in rule), "has an owner or countsFor where none belongs: " + kind)
        taken = not is_move or any(kind in on for on in self.leads.get(rule["owner"], {}).values())
        require(taken and regions <= self.leads.keys(), "has a region that is wrong: " + kind)

    def next_state(self, kind, version, state):
        """The state after an event; refused where the event is illegal."""
        rule = self.rules.get(kind, {"kind": None})
        require(rule["kind"], "is of a type that the lifecycle does not know")
        require((rule["kind"] == "first") == (version == 1), "makes the record, and is not version 1, or the other way round")
        if rule["kind"] != "move":
            return self.initial if rule["kind"] == "first" else state
        taken = {}
        for region, leads in self.leads.items():
            target, guard = leads.get(state.get(region), {}).get(kind, (None, None))
            guard = self.guards.get(guard)
            if target and (guard is None or state.get(guard["region"]) in guard["in"]):
                taken[region] = target
        require(rule["owner"] in taken, "is not legal in the state before it")
        return {**state, **taken}


# What must hold. Each check goes on after what does not, as far as it can.

ALWAYS = """bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt verify.html verify.py statement data/checkpoint
    data/pack-made.json data/pack-made.tlog-proof data/withheld.json data/record.html data/record.txt data/statechart.svg
    data/events/000001.json""".split()
BOTH_OR_NONE = ["data/previous-checkpoint", "data/consistency"]
MAY_BE = re.compile(r"data/(checkpoint\.tsr|names\.json|events/([0-9]{6})\.json|lifecycles/[0-9a-f]{64}\.json)")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
STATEMENT = re.compile(r"docket-pack/v1\nsha256 ([0-9a-f]{64})\n([^ \n]+) ([1-9][0-9]{0,15})\n([^ \n]+) (.*)\n")
VERDICTS = ["does-not-hold", "unanchored", "anchored", "kept", "witnessed"]

class Verifier(Divergences):
    """Checks the files of a pack; it is the list of what does not hold."""

    def __init__(self, files, keys=(), policy=None, kept=None, divergences=()):
        super().__init__(divergences)
        self.policy = None if policy is None else Policy(policy)
        self.keys = [Key(key, LOG) for key in keys] + (self.policy.logs if self.policy else [])
        self.kept = None if kept is None else Checkpoint(kept)
        self.files, self.values, self.events, self.lifecycles, self.erased, self.withheld = files, {}, {}, {}, {}, []
        self.checkpoint = self.check("checkpoint", "data/checkpoint", self.read_note, "data/checkpoint", Checkpoint)
        self.previous = self.check("checkpoint", BOTH_OR_NONE[0], self.read_note, BOTH_OR_NONE[0], Checkpoint)
        self.statement = self.check("statement", "statement", self.read_note, "statement", Note)
        self.said = STATEMENT.fullmatch(self.statement.text) if self.statement else None
        for name in sorted(name for name in files if name.endswith(".json")):
            self.check("json", name, self.read_json, name)
        # Events by the number in the file's name. What is no envelope of form 1 is told, and left out of all that follows.
        self.names = {int(name[12:18]): name for name in sorted(files) if re.fullmatch(r"data/events/[0-9]{6}\.json", name)}
        events = {number: self.check("malformed", name, self.read_event, name) for number, name in self.names.items()}
        self.events = {number: event for number, event in events.items() if event}
        self.made = self.check("pack-made", "data/pack-made.json", self.read_event, "data/pack-made.json")
        self.check("bag", "", self.check_bag)
        self.check("erased", "data/events", self.find_erased)
        self.check("withheld", "data/withheld.json", self.check_withheld)
        self.check("lifecycle", "data/lifecycles", self.check_lifecycles)
        self.check("stream", "data/events", self.check_events)
        self.check("event-id", "data/events", self.check_ids)
        self.check("pack-made", "data/pack-made.json", self.check_pack_made)
        self.check("statement", "statement", self.check_statement)
        self.check("proof", "data/proofs", self.check_proofs)
        self.check("consistency", "data/consistency", self.check_previous)
        notes = {"statement": self.statement, BOTH_OR_NONE[0]: self.previous, "data/checkpoint": self.checkpoint}
        self.signers = [self.check("signature", name, self.check_signature, note) for name, note in notes.items()][-1] or []
        self.check("kept", "data/checkpoint", self.check_kept)

    def read_note(self, name, kind):
        return kind(self.files[name]) if name in self.files else None

    def read_json(self, name):
        value = parse_json(self.files[name])
        same = canonical(value) == self.files[name]
        self.values[name] = value
        require(same, "is not written canonically")

    def read_event(self, name):
        event = self.values.get(name, ...)
        if event is ...:
            return None
        form = event.get("envelope") if isinstance(event, dict) else None
        if whole(form) and form != 1:
            return self.refuse("unknown-form", name, "is of form %d, which this verifier does not know" % form)
        wrong = unfit(event, ENVELOPE)
        require(not wrong, "has members that are missing, wrong or unknown: " + ", ".join(wrong))
        require((event["lifecycle"] is None) == (event["state"] is None), "has a lifecycle or a state without the other")
        # In order, what lies within another stands right behind it.
        before = None
        for pointer in sorted(event["commitments"], key=lambda pointer: pointer + "/"):
            member = re.fullmatch(r"/data(/([^~/]|~[01])*)+", pointer) and not isinstance(holder_of(event, pointer)[0], list)
            within = before is not None and pointer.startswith(before + "/")
            require(member and not within, "commits to what is no member of data, or within another: " + pointer)
            before = pointer
        require(event["salts"].keys() <= event["commitments"].keys(), "has a salt that belongs to no commitment")
        return event

    def check_bag(self):
        files = self.files
        proofs = ["data/proofs/%s.tlog-proof" % name[12:18] for name in [*self.names.values(), ALWAYS[-1]]]
        needed = {*ALWAYS, *proofs, *(BOTH_OR_NONE if files.keys() & BOTH_OR_NONE else [])}
        for name in sorted(needed ^ files.keys()):
            self.demand(name in files and MAY_BE.fullmatch(name), "bag", name, "is not there, or does not belong there")
        self.demand(any("data/lifecycles/" in name for name in files), "bag", "data/lifecycles", "is not there")
        sizes = {name: len(content) for name, content in files.items()}
        payload = {name: size for name, size in sizes.items() if name.startswith("data/")}
        self.demand(max(sizes.values(), default=0) <= MAX_FILE and sum(sizes.values()) <= MAX_PACK, "bag", "", "is too large")
        self.demand(files.get("bagit.txt", BAGIT) == BAGIT, "bag", "bagit.txt", "says something else than it must")
        self.check("bag", "bag-info.txt", self.check_oxum, "Payload-Oxum: %d.%d" % (sum(payload.values()), len(payload)))
        tags = sizes.keys() - payload.keys() - {"tagmanifest-sha256.txt", "statement"}
        self.check("manifest", "manifest-sha256.txt", self.check_manifest, "manifest-sha256.txt", payload.keys())
        self.check("manifest", "tagmanifest-sha256.txt", self.check_manifest, "tagmanifest-sha256.txt", tags)

    def check_oxum(self, oxum):
        text = self.files.get("bag-info.txt", b"").decode()
        require(re.fullmatch(r"([^:\r\n]+: [^\r\n]*\n)*", text), "has a line that is not `label: value`")
        require([line for line in text.split("\n") if line.lower().startswith("payload-oxum:")] == [oxum], "does not say once: " + oxum)

    def check_manifest(self, manifest, names):
        text = self.files.get(manifest, b"").decode("ascii")
        require(re.fullmatch(r"([0-9a-f]{64}  [!-~]+\n)*", text), "has a line that is not a digest, two spaces and a path")
        lines = [(line[66:], line[:64]) for line in text.split("\n")[:-1]]
        require([name for name, _ in lines] == sorted(dict(lines)), "is not in the order of its paths")
        there = {name: sha256(self.files[name]).hex() for name in names}
        for name in sorted({name for name, _ in there.items() ^ dict(lines).items()}):
            self.refuse("manifest", name, "is not as %s says" % manifest)

    def find_erased(self):
        """For each version and pointer, which version erased it."""
        versions = {}
        for number, event in self.events.items():
            if event["type"] == "CommentRedacted":
                self.check("erased", self.names[number], self.add_erased, number, event["data"], versions)
            versions.setdefault(event["eventId"], number)

    def add_erased(self, number, data, versions):
        require(fits(data.get("eventId"), TEXT) and fits(data.get("erased"), [TEXT]), "does not say what it erased")
        require(data["eventId"] in versions, "erased something in what is no event before it")
        version = versions[data["eventId"]]
        self.erased.update({(version, pointer): number for pointer in data["erased"]})
        require(self.events[version]["commitments"].keys() >= set(data["erased"]), "erased a value that the event never had")

    def check_withheld(self):
        entries = self.values.get("data/withheld.json", [])
        require(fits(entries, WITHHELD), "is no list of code, pointer and version")
        self.withheld = entries
        order = [(entry["version"], utf16(entry["pointer"])) for entry in entries]
        require(all(a < b for a, b in zip(order, order[1:])), "is not in order, or says something twice")
        for version, pointer in [(entry["version"], entry["pointer"]) for entry in entries]:
            event = self.events.get(version, {"commitments": ()})
            gone = pointer in event["commitments"] and not is_there(event, pointer) and (version, pointer) not in self.erased
            require(gone, "lists %s of version %d, which is there, or erased, or never was" % (pointer, version))

    def check_lifecycles(self):
        named = {event["lifecycle"]["digest"] for event in self.events.values() if event["lifecycle"]}
        for name in [name for name in self.files if name.startswith("data/lifecycles/")]:
            digest = name[16:-5]
            right = sha256(self.files[name]).hex() == digest and digest in named and len(self.files[name]) <= MAX_DEFINITION
            self.demand(right, "lifecycle", name, "has another digest than its name, or is named by no event, or is too large")
            if name in self.values:
                self.lifecycles[digest] = self.check("lifecycle", name, Lifecycle, self.values[name])

    def check_events(self):
        stream = self.said[2] if self.said else next((event["streamId"] for event in self.events.values()), "")
        self.demand(stream.startswith("recommendation-"), "stream", "statement", "is not about a record")
        self.demand(not self.said or int(self.said[3]) == len(self.names), "stream", "statement", "says another number of events")
        self.demand([*self.names] == [*range(1, len(self.names) + 1)], "stream", "data/events", "leaves out a version")
        withheld, state = {(entry["version"], entry["pointer"]) for entry in self.withheld}, {}
        for number, event in self.events.items():
            name, before = self.names[number], self.events.get(number - 1)
            self.demand((event["streamId"], event["version"]) == (stream, number), "stream", name, "is of another stream or version")
            self.check("hash", name, check_hash, event)
            self.check("commitment", name, check_commitments, event)
            follows = number > 1 and not before or event["previousHash"] == (before and before["hash"])
            self.demand(follows, "chain", name, "does not follow the event before it")
            self.demand(not before or before["recordedAt"] <= event["recordedAt"], "malformed", name, "was recorded before the event before it")
            for pointer in event["commitments"]:
                there, erased = is_there(event, pointer), (number, pointer) in self.erased
                self.demand(not (there and erased), "erased", name, pointer + " was erased, and is there")
                known = there or erased or (number, pointer) in withheld
                self.demand(known, "missing", name, pointer + " is neither there, nor erased, nor withheld")
            lifecycle = self.check("lifecycle", name, self.lifecycle_of, event["lifecycle"])
            if lifecycle:
                self.check("state", name, self.check_state, lifecycle, event, state)
            state = event["state"] or {}

    def lifecycle_of(self, said):
        require(said and "data/lifecycles/%s.json" % said["digest"] in self.files, "names no lifecycle that is there")
        found = self.lifecycles.get(said["digest"])
        require(not found or (found.name, found.version) == (said["name"], said["version"]), "names a lifecycle of another name or version")
        return found

    def check_state(self, lifecycle, event, state):
        require(lifecycle.next_state(event["type"], event["version"], state) == event["state"], "says another state than its lifecycle")

    def check_ids(self):
        """The events of a command follow each other, and so do the numbers that their ids are made from."""
        command, number, over, ids = None, None, set(), set()
        for version, event in self.events.items():
            if event["command"]["id"] == command and number is not None:
                number += 1
            else:
                command = event["command"]["id"]
                self.demand(command not in over, "event-id", self.names[version], "is of a command that was over")
                # Nobody reads on after so many divergences; whoever made them shall not make a verifier search for ever.
                numbers = range(MAX_EVENTS_OF_A_COMMAND) if len(self) < MAX_DIVERGENCES else ()
                number = next((candidate for candidate in numbers if event_id(command, candidate) == event["eventId"]), None)
            given = number is not None and event_id(command, number) == event["eventId"] and event["eventId"] not in ids
            self.demand(given, "event-id", self.names[version], "has an id that its command did not give, or that another event has")
            over.add(command)
            ids.add(event["eventId"])
        given = not self.made or event_id(self.made["command"]["id"], 0) == self.made["eventId"] not in ids
        self.demand(given, "event-id", "data/pack-made.json", "has an id that its command did not give, or that another event has")

    def check_pack_made(self):
        event, last = self.made, self.events.get(max(self.names, default=0))
        withheld, file = self.values.get("data/withheld.json"), self.files.get("data/withheld.json", b"")
        if event:
            right = event["type"] == "PackMade" and event["streamId"][:7] == "access-" and day(event["streamId"][7:])
            require(right and event["lifecycle"] is None, "is no event PackMade of a stream access-<date>, or has a lifecycle")
            require((event["version"] == 1) == (event["previousHash"] is None), "has a previousHash that does not go with its version")
            check_hash(event)
            check_commitments(event)
            require(all(is_there(event, pointer) for pointer in event["commitments"]), "withholds something")
            if last and isinstance(withheld, list):
                said = {"withheld": {"count": len(withheld), "sha256": sha256(file).hex()}}
                said.update({member: last[member] for member in ("hash", "streamId", "version")})
                require(canonical(event["data"]) == canonical(said), "says something else than is there")

    def check_statement(self):
        if self.statement:
            require(self.said, "is not the four lines")
            require(int(self.said[3]) == len(self.names), "says another number of events than there are")
            require(self.said[1] == sha256(self.files.get("tagmanifest-sha256.txt", b"")).hex(), "says another digest")
            made = self.made and (self.made["recordedAt"], self.made["actor"]["subject"])
            require(not made or made == self.said.groups()[3:], "says another instant or subject than data/pack-made.json")
            names = {name for name, _, _ in self.statement.signatures}
            require(not self.checkpoint or names == {self.checkpoint.origin}, "has a signature under another name than the log's")

    def check_proofs(self):
        before, events = -1, [(name.replace("events", "proofs"), self.events.get(number)) for number, name in self.names.items()]
        for name, event in [*events, ("data/pack-made.json", self.made)]:
            name = name.replace(".json", ".tlog-proof")
            index = self.check("proof", name, self.check_proof, self.files.get(name), event)
            self.demand(index is None or index > before, "proof", name, "has an index that does not rise")
            before = before if index is None else index

    def check_proof(self, proof, event):
        index, path = parse_proof(proof, self.files.get("data/checkpoint"))
        if event and self.checkpoint:
            root = root_from(bytes.fromhex(event["hash"]), index, self.checkpoint.size, path)
            require(root == self.checkpoint.root, "does not lead from the event to the root")
        return index

    def check_previous(self):
        if self.checkpoint and self.previous:
            earlier, later = self.previous, self.checkpoint
            self.demand(earlier.origin == later.origin, "checkpoint", BOTH_OR_NONE[0], "is of another log")
            *lines, rest = self.files["data/consistency"].decode("ascii").split("\n")
            require(rest == "" and 0 < earlier.size <= later.size, "has half a line, or leads from no events, or from more")
            roots = roots_from(earlier.size, later.size, [decode_base64(line, 32) for line in lines], earlier.root)
            require(roots == [earlier.root, later.root], "does not lead from the earlier checkpoint to the later one")

    def check_signature(self, note):
        if note and self.keys:
            signers = [key for key in note.signers(self.keys) if self.checkpoint and key.name == self.checkpoint.origin]
            require(signers, "is signed by none of the given keys under the log's name")
            return signers

    def check_kept(self):
        if self.kept and self.checkpoint:
            self.kept.signers(self.keys)
            require(self.kept.origin == self.checkpoint.origin, "is of another log than the checkpoint you kept")
            forked = self.kept.size == self.checkpoint.size and not self.kept.is_same(self.checkpoint)
            require(not forked, "has another root than the checkpoint you kept: the log was forked")
            leads = self.kept.is_same(self.checkpoint) or self.kept.is_same(self.previous)
            require(leads, "does not follow the checkpoint you kept: nothing here leads from that: ask for a pack since it")

    def result(self, required=None):
        """The object that --json prints."""
        holds = not self
        witnessed = holds and self.policy and any(key in self.policy.logs for key in self.signers) and self.policy.is_witnessed(self.checkpoint)
        steps = {"anchored": holds and bool(self.keys), "kept": holds and bool(self.kept), "witnessed": bool(witnessed)}
        return {
            "verdict": [VERDICTS[holds], *(name for name, reached in steps.items() if reached)][-1], **steps, "required": required,
            "origin": self.checkpoint.origin if self.checkpoint else None, "streamId": self.said[2] if self.said else None,
            "version": int(self.said[3]) if self.said else None, "events": len(self.names), "erased": len(self.erased),
            "withheld": len(self.withheld), "divergences": self[:MAX_DIVERGENCES],
        }

def verify(files, keys=(), policy=None, kept=None, divergences=()):
    """What holds of a pack's files, {path: bytes}: the object that --json prints. Keys are texts; a policy and what was kept are bytes."""
    return Verifier(files, keys, policy, kept, divergences).result()


# For people.

WORDS = {
    "does-not-hold": "DOES NOT HOLD.", "unanchored": "Unanchored: it only agrees with itself, since no key and no kept checkpoint was given.",
    "anchored": "Holds as %s signed it.", "kept": "Holds, and follows the checkpoint you kept.", "witnessed": "Holds, and is witnessed.",
}

def plain(text):
    """A text with escapes for what would move the cursor, turn the direction of writing, or not be seen."""
    return "".join("\\u{%x}" % ord(c) if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c for c in text)

def tell(verifier, result, passed_over):
    """The verdict, what does not hold, and the record as its events tell it."""
    verdict = WORDS[result["verdict"]].replace("%s", str(result["origin"]))
    yield verdict + " %(events)d events, %(erased)d values erased, %(withheld)d withheld." % result
    if result["required"] and not result[result["required"]]:
        yield "It is not %s, as was required." % result["required"]
    yield from ("%(code)s: %(file)s %(detail)s" % divergence for divergence in result["divergences"])
    if any(divergence["code"] == "zip" for divergence in result["divergences"]):
        yield "A zip that was packed again is refused, whatever is in it. Take the zip as you got it."
    yield from ("Passed over: " + name for name in passed_over)
    yield from ("", "The record %s, as its events tell it:" % result["streamId"])
    state = {}
    for number, event in verifier.events.items():
        yield "%5d  %s  %s by %s, as of %s" % (number, event["recordedAt"], event["type"], event["actor"]["subject"], event["effectiveOn"])
        yield from ("       %s: %s" % one for one in (event["state"] or {}).items() if state.get(one[0]) != one[1])
        for name, value in event["data"].items():
            text = value if isinstance(value, str) else canonical(value).decode()
            yield from ("       %s: " % name + text).replace("\n", "\n       | ").split("\n")
        yield from ("       %s: erased by version %d" % (what[1], by) for what, by in verifier.erased.items() if what[0] == number)
        yield from ("       %(pointer)s: withheld, %(code)s" % entry for entry in verifier.withheld if entry["version"] == number)
        state = event["state"] or state

def main():
    parser = argparse.ArgumentParser(description="Verify an evidence pack. Exit 0 where it holds, 1 where not, 2 where called wrongly.")
    parser.add_argument("pack", nargs="?", metavar="FOLDER|ZIP", help="the pack (default: the folder in which this file lies)")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's public key; once or more")
    parser.add_argument("--policy", metavar="FILE", help="logs, witnesses and quorum (C2SP tlog-policy)")
    parser.add_argument("--kept", metavar="FILE", help="a checkpoint of the log that you kept")
    parser.add_argument("--require", choices=VERDICTS[2:], help="exit 1 unless it is that")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    path = asked.pack or os.path.dirname(os.path.abspath(__file__))
    try:
        policy, kept = asked.policy and read_file(asked.policy, MAX_DEFINITION), asked.kept and read_file(asked.kept, MAX_NOTE)
        files, divergences, passed_over = read_folder(path) if os.path.isdir(path) else read_zip(read_file(path, MAX_PACK))
        verifier = Verifier(files, asked.key, policy, kept, divergences)
    except (OSError, ValueError) as problem:
        print("verify.py: called wrongly: " + plain(str(problem)), file=sys.stderr)
        return 2
    result = verifier.result(asked.require)
    sys.stdout.reconfigure(errors="backslashreplace")
    for line in [json.dumps(result, indent=2)] if asked.json else map(plain, tell(verifier, result, passed_over)):
        print(line)
    return 0 if not verifier and (asked.require is None or result[asked.require]) else 1

if __name__ == "__main__":
    sys.exit(main())
