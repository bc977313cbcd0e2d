"""Give the library's readers broken input: ``python tools/fuzz.py 100000``.

Files of attributions, the verified folder, trained parameters and OpenQASM. Each input is made
from valid ones, broken somewhere, or is valid in form with odd contents. An input is read, or
refused as documented; anything else, or one that takes long, ends with status 1 and its seed.
"""

import collections
import hashlib
import io
import json
import os
import random
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import qxai
from qxai.datasets import read_data, read_parameters
from qxai.models.qasm import read_qasm

SLOW = 3.0  # seconds that no input may take
BYTES = [0, 1, 10, 32, 45, 48, 57, 127, 128, 255]
DTYPES = ["<f8", ">f8", "<f4", "<f2", "<f16", "<i8", ">i2", "|b1", "<u8", "<c16", "<M8[s]", "|O"]
DTYPES += ["<U1", "<U40", "|S3", "|V8", "", "f8,i4", "x"]
SHAPES = ["()", "(2,)", "(2, 3)", "(3, 2)", "(0, 3)", "(-1,)", "(2", "(10**9,)", "(1000000000000,)"]
SHAPES += ["(2.0,)", "(True, 3)", "None", "(" * 300, "(99999999999999999999,)", "(2,) + (3,)"]


def mutated(rng: random.Random, content: bytes) -> bytes:
    """Change, insert, remove or repeat a few bytes."""
    found = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        place = rng.randint(0, len(found))
        kind = rng.randint(0, 5)
        if kind == 0 and place < len(found):
            found[place] = rng.choice(BYTES)
        elif kind == 1 and place < len(found):
            found[place] ^= 1 << rng.randint(0, 7)
        elif kind == 2:
            found[place:place] = bytes(rng.choice(BYTES) for _ in range(rng.randint(1, 8)))
        elif kind == 3:
            del found[place : place + rng.randint(1, 30)]
        elif kind == 4:
            del found[place:]
        else:
            start = rng.randint(0, len(found))
            found[place:place] = found[start : start + rng.randint(1, 40)]
    return bytes(found)


def array_file(rng: random.Random) -> bytes:
    """Return an array in NumPy's format whose header says anything."""
    header = (
        f"{{'descr': {rng.choice(DTYPES)!r}, 'fortran_order': {rng.choice(['False', 'True', '2'])}"
        f", 'shape': {rng.choice(SHAPES)}, }}\n"
    ).encode()
    version = rng.choice([b"\1\0"] * 6 + [b"\2\0", b"\3\0", b"\0\0", b"\xff\xff"])
    size = max(0, len(header) + rng.choice([0, 0, 0, 0, 1, -5, 1000]))
    start = b"\x93NUMPY" + version + size.to_bytes(4 if version[0] in (2, 3) else 2, "little")
    return start + header + rng.randbytes(rng.choice([0, 8, 16, 48, 48, 48, 400]))


def good_arrays(rng: random.Random) -> dict[str, Any]:
    """Return the arrays of a valid file, or some of them odd."""
    n, d = rng.randint(0, 3), rng.randint(1, 3)
    arrays: dict[str, Any] = {
        "format": np.array(1),
        "method": np.array("Shapley"),
        "counts": np.array([5, 0]),
        "values": np.ones((n, d)),
        "output": np.zeros(n),
        "baseline_output": np.full(n, np.nan),
    }
    if rng.random() < 0.3:
        arrays["standard_error"] = np.zeros((n, d))
    odd: list[Any] = [np.nan, np.inf, -1, 2**63, 1j, "text", True, [], [[1.0]], [5, -1], [0.5, 1]]
    if rng.random() < 0.4:
        arrays[rng.choice([*arrays])] = np.array(rng.choice(odd))
    return arrays


def archive(rng: random.Random) -> bytes:
    """Return an archive that looks like a saved attribution."""
    buffer = io.BytesIO()
    kinds = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED] * 60 + [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in good_arrays(rng).items():
            content = io.BytesIO()
            np.save(content, array)
            data = array_file(rng) if rng.random() < 0.04 else content.getvalue()
            if rng.random() > 0.01:
                file.writestr(f"{name}.npy", data, rng.choice(kinds))
    content = buffer.getvalue()
    return content if rng.random() < 0.5 else mutated(rng, content)


def check_load(rng: random.Random, folder: Path) -> None:
    """Read an archive as an attribution."""
    path = folder / "one.npz"
    path.write_bytes(archive(rng))
    found = qxai.load(path)
    assert found.values.dtype == found.output.dtype == np.float64
    assert np.isfinite(found.values).all()
    assert min(found.evaluations, found.shots) >= 0


def json_value(rng: random.Random, depth: int = 0) -> Any:
    """Return something that JSON can say."""
    leaves = [0.5, 1, -3, True, None, "1.5", "text", 10**400, float("nan"), float("inf"), [], {}]
    if depth > 3 or rng.random() < 0.4:
        return rng.choice(leaves)
    if rng.random() < 0.6:
        return [json_value(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return {rng.choice("ab"): json_value(rng, depth + 1) for _ in range(rng.randint(0, 2))}


def check_parameters(rng: random.Random, folder: Path) -> None:
    """Read a recorded file as trained parameters."""
    rows = [[0.5, 1.0], [2, -3.0]]
    tables: Any = {"plain": rows, "other": json_value(rng) if rng.random() < 0.5 else rows}
    whole: Any = {"parameters": tables} if rng.random() < 0.9 else json_value(rng)
    content = json.dumps(whole).encode()
    if rng.random() < 0.3:
        content = mutated(rng, content)
    if rng.random() < 0.02:
        content = b'{"parameters": ' + b"[" * 100_000
    (folder / "one.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  one.json\n")
    for table in read_parameters("one.json").values():
        assert table.dtype == np.float64
        assert table.ndim == 2
        assert np.isfinite(table).all()


def check_folder(rng: random.Random, folder: Path) -> None:
    """Read a file whose name or record may be odd."""
    (folder / "one.json").write_bytes(b"{}")
    digest = hashlib.sha256(b"{}").hexdigest()
    odd = ["../secret", "/etc/hostname", "a/../../secret", "", ".", "..", "a b", "one.json\0"]
    odd += ["a\nb", "link", "loop", "x" * 5000, "SHA256SUMS", "pipe", "folder", "é", "none.json"]
    recorded = [rng.choice(odd) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
    lines = [f"{digest}  {name}\n" for name in ["one.json", *recorded]]
    content = "".join(lines).encode()
    (folder / "SHA256SUMS").write_bytes(content if rng.random() < 0.7 else mutated(rng, content))
    name = "one.json" if rng.random() < 0.5 else rng.choice(odd)
    assert read_data(name) == b"{}", "a file outside the folder was read"


HEADER = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n'
PROGRAM = (
    HEADER + "gate mine(t) a, b { ry(2*t + 0.1) a; cx a, b; }\n"
    "ry(x) q[0]; rx(2*x - pi/2) q[1]; mine(x) q[0], q[1]; cu3(x, 0.1, y) q[0], q[1];\n"
    "h q; u1(sin(0.3)*y) q[0]; // done\nmeasure q -> c;\n"
)
NEWER = (
    'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float[64] x; input array[float, 2] w;\n'
    "const float a = pi/3; input angle y; qubit[2] q; bit[2] c; let r = q[0:1];\n"
    "gate mine(t) a, b { gphase(t/2); ry(2*t*a + 0.1) a; ctrl @ inv @ sx a, b; }\n"
    "for int i in [0:1] { mine(w[i]*x) q[i], q[1-i]; pow(2) @ ry(arcsin(x)) r[i]; }\n"
    "negctrl @ p(y - π) q[0], q[1]; pow(1/2) @ x q[0]; barrier q; if (a > 1) { h q[{0, 1}]; }\n"
    "c = measure q;\n"
)
# Angles and qubits of the gates; the last three are not always there.
GATES = {"h": (0, 1), "x": (0, 1), "id": (0, 1), "cx": (0, 2), "CX": (0, 2), "swap": (0, 2)}
GATES |= {"rx": (1, 1), "ry": (1, 1), "rz": (1, 1), "u1": (1, 1), "u2": (2, 1), "u3": (3, 1)}
GATES |= {"U": (3, 1), "r": (2, 1), "crz": (1, 2), "cu1": (1, 2), "cu3": (3, 2), "g0": (1, 2)}
GATES |= {"g1": (1, 2), "barrier": (0, 2), "rzz": (1, 2), "p": (1, 1), "cu": (4, 2), "ecr": (0, 2)}


def expression(rng: random.Random, depth: int = 0) -> str:
    """Return an angle."""
    if depth > 3 or rng.random() < 0.5:
        usual = rng.random() < 0.95
        return rng.choice(["x", "x", "pi", "2", "0.5"] if usual else ["0", "1e308", "9^9^9", "z"])
    left, right = expression(rng, depth + 1), expression(rng, depth + 1)
    kind = rng.choice(["+", "-", "*2+", "/2-", "-(", "-("] * 5 + ["*", "/", "^", "sin(", "ln("])
    return f"{kind}{left})" if kind.endswith("(") else f"{left} {kind} {right}"


def statement(rng: random.Random, qubits: list[str]) -> str:
    """Return a call of a gate, mostly a right one."""
    gate, (count, width) = rng.choice([*GATES.items()])
    if rng.random() < 0.03:
        count, width = rng.randint(0, 4), rng.randint(1, 4)
    angles = [expression(rng) for _ in range(count)]
    on = [qubits[i % len(qubits)] for i in range(width)]
    return f"{gate}{'(' + ', '.join(angles) + ')' if angles else ''} {', '.join(on)};"


def program(rng: random.Random) -> str:
    """Return a program, of which some are wrong."""
    if rng.random() < 0.4:
        text = rng.choice([PROGRAM, NEWER]).encode()
        return mutated(rng, text).decode("utf-8" if rng.random() < 0.5 else "latin-1", "replace")
    parts = [HEADER]
    for i in range(rng.choice([2, 2, 2, 3, 20, 60])):
        body = " ".join(statement(rng, ["a", "b"]) for _ in range(rng.choice([0, 0, 1])))
        repeated = f"g{i - 1}(x/2) a, b; " * 2 if i else ""
        parts.append(f"gate g{i}(x) a, b {{ {repeated}{body} }}\n")
    odd = ["measure q -> c;", "c = measure q;", "reset q[0];", "if (c==1) x q[0];"]
    odd += ["input float z;", "qreg r[999];", "qreg s[1000000000];", "/* ", "// ", "h r;"]
    for _ in range(rng.randint(0, 6)):
        wrong = rng.random() < 0.05
        on = rng.choice([["q[0]", "q[1]"], ["q[1]", "q[0]"], ["q"], ["q[0]", "q[2]"]][: 2 + wrong])
        parts.append(rng.choice(odd) if wrong else statement(rng, on))
    return "".join(parts) + "ry(x + y) q[0];"


def check_qasm(rng: random.Random, folder: Path) -> None:
    """Read a program as a circuit."""
    del folder
    text = program(rng)
    circuit = read_qasm(text, ("x", "y") if "OPENQASM 2.0" in text else ())
    for op in circuit.all_operations():
        assert op.gate is not None
        assert 1 <= len(op.qubits) <= 3


Check = Callable[[random.Random, Path], None]
# Each reader, and what it may raise of input that is there and may be read.
READERS: dict[str, tuple[Check, tuple[type[Exception], ...]]] = {
    "load": (check_load, (ValueError,)),
    "read_parameters": (check_parameters, (ValueError,)),
    "read_data": (check_folder, (ValueError, OSError)),
    "read_qasm": (check_qasm, (ValueError,)),
}


def prepared(folder: Path) -> Path:
    """Make a data folder with traps in it, beside a file that nobody may read."""
    (folder / "secret").write_bytes(b"secret")
    data = folder / "data"
    (data / "folder").mkdir(parents=True)
    (data / "link").symlink_to(folder / "secret")
    (data / "loop").symlink_to(data / "loop")
    os.mkfifo(data / "pipe")
    (data / "SHA256SUMS").touch()
    return data


def outcome(name: str, rng: random.Random, folder: Path) -> str:
    """Read one input, and tell how that ended; what is not documented is raised."""
    check, documented = READERS[name]
    try:
        check(rng, folder)
    except documented as error:
        return type(error).__name__
    return "read"


def main(count: int, start: int = 0) -> int:
    """Give every reader so many inputs and print what happened; a warning is a failure."""
    warnings.simplefilter("error")
    failures = 0
    with tempfile.TemporaryDirectory() as place:
        folder = prepared(Path(place))
        os.environ["QXAI_DATA"] = str(folder)
        for name in READERS:
            found: collections.Counter[str] = collections.Counter()
            begin, slowest = time.perf_counter(), (0.0, 0)
            for seed in range(start, start + count):
                before = time.process_time()
                try:
                    found[outcome(name, random.Random(seed), folder)] += 1
                except Exception as error:
                    failures += 1
                    print(f"{name}, seed {seed}: {type(error).__name__}: {str(error)[:200]}")
                slowest = max(slowest, (time.process_time() - before, seed))
            failures += slowest[0] > SLOW
            took = time.perf_counter() - begin
            print(
                f"{name}: {dict(found)} in {took:.0f} s, the slowest {slowest[0]:.2f} s "
                f"(seed {slowest[1]})",
                flush=True,
            )
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3] or ["1000"])))
