"""Damaged copies of files, the same for every seed: what disks, downloads and people do to them."""

import copy
import json
import random
import re
import resource
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from scenewise.checksums import record_checksums
from scenewise.errors import ScenewiseError

COUNT = 200
"""Mutants of each kind of file."""
SECONDS = 20
"""A mutant that takes longer hangs."""
MEMORY = 400 << 20
"""Bytes."""
DEEP = 100_000
"""Levels of nesting: more than any parser's recursion."""
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 10**9, -(10**9), 10**30, 0.5, 1e300, -1e300, "", "1", "x", "../x", "/", "\0",
    "\ud800", "x" * 10_000, [], {}, [None], [1, 2, 3], ["a", "b"], {"a": 1}, [[]], [{}],
)  # fmt: skip
TEXTS = ("NaN", "Infinity", "1" + "0" * 5000, "1e999", "[" * DEEP, '{"a":' * DEEP, '"\\ud800"', "")
"""Values that `json.dumps` would not write."""

WORDS = (
    "0", "-1", "1", "3", "1000000000", "99999999999999999999", "1" * 5000, "1e999", "nan", "inf", "0.5", "x", "", " ",
    "\n", "\0", '"', "'", ",", "[", "{", "[" * DEEP, "é", "1,2", "-",
)  # fmt: skip


def bytes_mutants(content: bytes, count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """`content` with flipped bits, other bytes, cut off, and with ranges that are zeroed, doubled or removed."""
    chance = random.Random(seed)
    for number in range(count):
        mutant = bytearray(content)
        for _ in range(1 + chance.randrange(3)):
            _damage(mutant, chance, number)
        yield bytes(mutant)


def _damage(mutant: bytearray, chance: random.Random, number: int) -> None:
    if not mutant:
        return
    # Half of the damage hits the beginning, where headers are.
    reach = min(len(mutant), 256) if number % 2 else len(mutant)
    at, length = chance.randrange(reach), 1 + chance.randrange(1 + min(64, len(mutant) // 4))
    kind = number // 2 % 6
    if kind == 0:
        mutant[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        mutant[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    elif kind == 2:
        del mutant[at:]
    elif kind == 3:
        mutant[at : at + length] = bytes(length)
    elif kind == 4:
        mutant[at:at] = mutant[at : at + length]
    else:
        del mutant[at : at + length]


def json_mutants(content: bytes, count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """JSON with one or two values replaced by others of any kind, keys removed, or damaged as bytes."""
    chance = random.Random(seed)
    damaged = bytes_mutants(content, count, seed)
    for number in range(count):
        if number % 8 == 7:
            yield next(damaged)
            continue
        value = json.loads(content)
        text: str | None = None
        for _ in range(1 + (number % 4 == 3)):
            places = list(_places(value))
            holder, key = chance.choice(places) if places else ([value], 0)
            if number % 8 == 5:
                del holder[key]
            elif number % 8 == 6:
                holder[key], text = "@HERE@", chance.choice(TEXTS)
            else:
                holder[key] = copy.deepcopy(chance.choice(VALUES))
        written = json.dumps(value)
        yield (written if text is None else written.replace('"@HERE@"', text)).encode()


def text_mutants(content: bytes, count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """Text with one or two words or numbers replaced, a line doubled or removed, or damaged as bytes."""
    chance = random.Random(seed)
    damaged = bytes_mutants(content, count, seed)
    for number in range(count):
        if number % 4 == 3:
            yield next(damaged)
            continue
        text = content.decode()
        for _ in range(1 + (number % 4 == 2)):
            if number % 8 == 1:
                lines = text.splitlines(keepends=True)
                at = chance.randrange(len(lines))
                lines[at : at + 1] = chance.choice(([], [lines[at]] * 2, [lines[at][: len(lines[at]) // 2]]))
                text = "".join(lines)
            else:
                word = chance.choice(list(re.finditer(r"[0-9.]+|[A-Za-z_]+|[^\sA-Za-z_0-9]", text)))
                text = text[: word.start()] + chance.choice(WORDS) + text[word.end() :]
        yield text.encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(list or table, index or key) of every value inside `value`."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def tensors_mutants(content: bytes, count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """A safetensors file with another header, other numbers, other shapes, or damaged as bytes."""
    chance = random.Random(seed)
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    headers, damaged = json_mutants(content[8 : 8 + length], count, seed), bytes_mutants(content, count, seed)
    for number in range(count):
        kind = number % 5
        if kind == 0:
            yield next(damaged)
        elif kind == 1:
            yield _with_header(next(headers), data)
        elif kind == 2:
            yield _with_header(json.dumps(_reshaped(header, chance)).encode(), data)
        elif kind == 3:
            kept = {name: entry for name, entry in header.items() if name == "__metadata__" or chance.random() < 0.7}
            yield _rewritten(kept, data, chance)
        else:
            begin = chance.randrange(max(1, len(data)))
            value = chance.choice((b"\xff\xff\xff\xff", b"\x00\x00\xc0\x7f", b"\x00\x00\x80\xff", b"\x00\x7e"))
            times = 1 + chance.randrange(8)
            yield _with_header(
                content[8 : 8 + length],
                (data[:begin] + value * times + data[begin + len(value) * times :])[: len(data)],
            )


def _reshaped(header: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """`header` with another shape or type of the same number of bytes for one tensor."""
    header = json.loads(json.dumps(header))
    name = chance.choice([name for name in header if name != "__metadata__"])
    entry, kind = header[name], chance.randrange(4)
    if kind == 0:
        entry["shape"] = entry["shape"][::-1] if len(entry["shape"]) > 1 else [1, *entry["shape"]]
    elif kind == 1:
        entry["shape"] = [*entry["shape"], 1]
    elif kind == 2:
        same = {"F32": "I32", "I32": "F32", "F16": "I16", "F64": "I64", "I64": "F64", "U8": "I8", "I8": "U8"}
        entry["dtype"] = same.get(entry["dtype"], "U8")
    else:
        product = 1
        for side in entry["shape"]:
            product *= side
        entry["shape"] = [product]
    return header


def _rewritten(header: dict[str, Any], data: bytes, chance: random.Random) -> bytes:
    """A valid file of the tensors in `header`, whose bytes are moved together; some are cut by a row."""
    moved: dict[str, Any] = {}
    parts, at = [], 0
    for name, entry in header.items():
        if name == "__metadata__":
            moved[name] = entry
            continue
        begin, end = entry["data_offsets"]
        shape = list(entry["shape"])
        if shape and shape[0] > 1 and chance.random() < 0.3:
            end = begin + (end - begin) // shape[0] * (shape[0] - 1)
            shape[0] -= 1
        parts.append(data[begin:end])
        moved[name] = {**entry, "shape": shape, "data_offsets": [at, at + end - begin]}
        at += end - begin
    return _with_header(json.dumps(moved).encode(), b"".join(parts))


def _with_header(header: bytes, data: bytes) -> bytes:
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data


MUTATORS: dict[str, Callable[..., Iterator[bytes]]] = {
    ".json": json_mutants,
    ".safetensors": tensors_mutants,
    **dict.fromkeys((".csv", ".toml", ".txt", ".m", ".xml"), text_mutants),
}


def mutants_of(path: Path, count: int = COUNT, seed: int = 0) -> Iterator[bytes]:
    """`count` mutants of the file at `path`, by its suffix."""
    yield from MUTATORS.get(path.suffix, bytes_mutants)(path.read_bytes(), count, seed)


def escapes(mutants: Iterable[bytes], path: Path, read: Callable[[], object], seal: Path | None = None) -> list[str]:
    """What else than ScenewiseError, if anything, comes when `read` meets each mutant in the place of the file `path`.

    A hang, and more memory than any of these small files needs, are faults too. `seal` is the folder whose SHA256SUMS
    is renewed for each mutant, so that its checksum is right. When it is over, the file is as it was.
    """
    content = path.read_bytes()
    read()  # as it is, it can be read
    found: list[str] = []
    peak = _peak_memory()
    earlier = signal.signal(signal.SIGALRM, _too_slow)
    try:
        for number, mutant in enumerate(mutants):
            _put(path, mutant, seal)
            signal.alarm(SECONDS)
            try:
                read()
            except ScenewiseError as error:
                if "\n" in str(error):
                    found.append(f"mutant {number}: more than one line: {error}")
            except BaseException as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                found.append(f"mutant {number}: {error!r:.200} in {where.filename}, line {where.lineno}")
            finally:
                signal.alarm(0)
    finally:
        signal.signal(signal.SIGALRM, earlier)
        _put(path, content, seal)
    grown = _peak_memory() - peak
    return [*found, *([f"{grown >> 20} MiB of memory were taken"] if grown > MEMORY else [])]


def _put(path: Path, content: bytes, seal: Path | None) -> None:
    path.write_bytes(content)
    if seal is not None:
        record_checksums(seal, [path.relative_to(seal).as_posix()])


def _too_slow(number: int, frame: object) -> None:
    raise TimeoutError(f"not read in {SECONDS} seconds")


def _peak_memory() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
