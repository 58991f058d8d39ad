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
    pinned, challenge = asked.get("lifecycles", []), asked.get("challenge")
    try:
        pack = verifier.Verifier(asked["zip"], asked["keys"], policy, kept, pinned, challenge)
        result = pack.result(asked["require"])
        if "against" in asked:
            other = verifier.Verifier(asked["against"], asked["keys"], policy, None, pinned)
            names = ("outcome", "detail", "differences", "begun")
            result["comparison"] = dict(zip(names, verifier.compare(pack, other)))
        result["exit"] = verifier.COMPARISONS[result["comparison"]["outcome"]] if "against" in asked else verifier.exit_code(result)
    except ValueError:
        result = {"verdict": "called-wrongly", "divergences": [], "unmet": [], "warnings": [], "exit": 2}
    print(json.dumps(result))
