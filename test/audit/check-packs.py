"""Verifies many packs with verify.py in one process: a JSON object a line in, its result a line out."""

import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)

for line in sys.stdin:
    asked = json.loads(line)
    with open(asked["zip"], "rb") as file:
        files, divergences, _ = verifier.read_zip(file.read())
    policy, kept = (text and text.encode() for text in (asked["policy"], asked["kept"]))
    print(json.dumps(verifier.verify(files, asked["keys"], policy, kept, divergences)))
