"""Sign a great many random requests and let two independent verifiers judge each: none may be wrong.

The verifiers are those of `tests/wire/verifiers.py`; they read the raw bytes that requests would send and share no
code with the package. Each example also shows them one changed byte, which both must refuse.

    python benchmarks/prove_signing.py --examples 100000
"""

import argparse
import importlib.util
import random
import string
import sys
import time
from pathlib import Path
from typing import Any

from record import ROOT, keep

from bitget_margin_adapter.wire.signing import HmacSigner, RsaSigner, body_text

RSA_SHARE = 0.1

WORD = string.ascii_letters + string.digits
QUERY_ALPHABET = WORD + "-._~!$'()*,/:;@[]{}|^`\\\"<>" + "éß€币種日本ÅΩ😀"
TEXT_ALPHABET = QUERY_ALPHABET + "&=#%+? \t\n\r\x00\x7f\u2028"


def some(rng: random.Random, alphabet: str, least: int, most: int) -> str:
    """A random text."""
    return "".join(rng.choices(alphabet, k=rng.randint(least, most)))


def value(rng: random.Random, depth: int) -> Any:
    """A random JSON value without floats."""
    kind = rng.randrange(7 if depth else 5)
    if kind < 3:
        return some(rng, TEXT_ALPHABET, 0, 24)
    if kind < 5:
        return rng.choice([None, True, False, rng.randrange(-(10**20), 10**20)])
    if kind == 5:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {some(rng, TEXT_ALPHABET, 0, 8): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def load_verifiers() -> Any:
    """The verifiers' module, by its path, so that this runs from any folder."""
    spec = importlib.util.spec_from_file_location("signing_verifiers", ROOT / "tests" / "wire" / "verifiers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prove(examples: int, seed: int) -> dict[str, Any]:
    """Run the examples and count; stops at nothing, so that the count of failures is true."""
    tests = load_verifiers()
    rng = random.Random(seed)
    public = tests.RSA_KEY.public_key()
    counts = {"hmac": 0, "rsa": 0, "get": 0, "post": 0, "with_encoded_query": 0}
    wrong = {"refused_by_a_verifier": 0, "refused_by_our_verifier": 0, "changed_byte_accepted": 0, "raised": 0}
    first: list[str] = []
    for number in range(examples):
        by_rsa = rng.random() < RSA_SHARE
        secret = some(rng, TEXT_ALPHABET, 1, 80)
        method = rng.choice(["GET", "POST", "get", "post"])
        is_get = method.upper() == "GET"
        path = "/api/margin/v1/" + "/".join(some(rng, WORD + "-_", 1, 14) for _ in range(rng.randint(1, 4)))
        names = rng.randrange(7) if is_get or rng.random() < 0.1 else 0
        params = {
            some(rng, WORD + "_.-[]", 1, 12): rng.choice(
                [some(rng, QUERY_ALPHABET, 0, 24), rng.randrange(10**20), None]
            )
            for _ in range(names)
        }
        fields = {some(rng, TEXT_ALPHABET, 0, 12): value(rng, 2) for _ in range(rng.randrange(7))}
        body = "" if is_get and rng.random() < 0.9 else body_text(fields)
        stamp = rng.randrange(4_102_444_800_000)
        key = public if by_rsa else secret
        counts["rsa" if by_rsa else "hmac"] += 1
        counts["get" if is_get else "post"] += 1
        failures: list[str] = []
        try:
            signing = RsaSigner(tests.RSA_KEY) if by_rsa else HmacSigner(secret)
            raw = tests.raw_request(method, path, params, body, stamp, signing)
            encoded = b"%" in raw.split(b"\r\n")[0]
            counts["with_encoded_query"] += encoded
            if tests.accepted(raw, key) != [True, True]:
                failures.append("refused_by_a_verifier")
            if (is_get or not encoded) and not tests.emulator_accepts(raw, key):
                failures.append("refused_by_our_verifier")
            at = raw.index(b"/api/margin") + 1 + rng.randrange(10)  # letters, so the request stays readable
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            if any(tests.accepted(changed, key)) or tests.emulator_accepts(changed, key):
                failures.append("changed_byte_accepted")
        except Exception as error:
            failures.append("raised")
            first.append(f"example {number}: {type(error).__name__}: {error}")
        for failure in failures:
            wrong[failure] += 1
            first.append(f"example {number}: {failure}")
    return {"examples": examples, "counts": counts, "failures": sum(wrong.values()), "wrong": wrong, "first": first[:5]}


def main() -> int:
    """Run, write the result, and fail when anything was wrong."""
    parser = argparse.ArgumentParser(description="prove the signing over random requests")
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20251128)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    started = time.perf_counter()
    proof = prove(chosen.examples, chosen.seed)
    keep("signing", {"seconds": round(time.perf_counter() - started, 1), **proof}, chosen.out)
    return 1 if proof["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
