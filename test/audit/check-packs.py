"""Verifies many packs with verify.py in one process: a JSON object a line in, its result a line out."""

import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)

for line in sys.stdin:
    asked = json.loads(line)
    policy, kept = (text and text.encode() for text in (asked["policy"], asked["kept"]))
    try:
        result = verifier.Verifier(asked["zip"], asked["keys"], policy, kept).result(asked["require"])
    except ValueError:
        result = {"verdict": "called-wrongly", "divergences": []}
    print(json.dumps(result))
