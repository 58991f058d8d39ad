"""Verifies many packs with verify.py in one process: a JSON object a line in, its result a line out."""

import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)

for line in sys.stdin:
    asked = json.loads(line)
    kept = asked["checkpoint"].encode() if "checkpoint" in asked else None
    try:
        result = verifier.Verifier(asked["zip"], asked["key"], asked.get("witness", []), kept).result()
        result["exit"] = verifier.EXITS[result["verdict"]]
    except ValueError:
        result = {"exit": 2}
    print(json.dumps(result))
