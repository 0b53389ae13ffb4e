"""A folder of many runs belongs to one set of settings: the same settings go on with it, others are refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scenewise.errors import ConfigError
from scenewise.files import read_json, record_checksums, write_json


def claim(
    out: Path, what: str, settings: Mapping[str, Any], additions: Mapping[str, tuple[Any, Any]] = MappingProxyType({})
) -> None:
    """Write down in `out`/WHAT.json that it holds the `what` (demo, benchmark) of `settings`, {flag's name: value}.

    `additions` {flag's name: (earlier, now)} are changes that only add to what is there. Raises ConfigError where it
    holds one of other settings, and names the flags.
    """
    path = out / f"{what}.json"
    now: dict[str, Any] = json.loads(json.dumps(dict(settings)))  # as the file holds them: tuples are lists
    if path.exists():
        earlier = read_json(path, format_version=1)["settings"]
        changed = {name: (earlier.get(name), now[name]) for name in now if earlier.get(name) != now[name]}
        differing = [name for name, change in changed.items() if additions.get(name) != change]
        if differing:
            told = ", ".join(f"--{name.replace('_', '-')} {earlier.get(name)}, now {now[name]}" for name in differing)
            raise ConfigError(f"{out} holds a {what} of other settings ({told}); give another --out, or delete it")
    write_json(path, {"format": 1, "settings": now})
    record_checksums(out, [path.name])
