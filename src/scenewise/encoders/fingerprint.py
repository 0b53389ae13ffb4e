"""What made the features: the identity, which must match, and the execution, which is only recorded."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scenewise.errors import FingerprintError


@dataclass(frozen=True)
class Fingerprint:
    """Identity (weights, preprocessing, revision) decides features; execution (device, versions) hardly does."""

    identity: Mapping[str, Any]
    execution: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the identity's canonical JSON, in hex."""
        return hashlib.sha256(json.dumps(dict(self.identity), sort_keys=True).encode()).hexdigest()

    @property
    def flow_width(self) -> int:
        """How many of a frame's features, the last ones, are optical flow (`extract --flow`)."""
        flow = self.identity.get("flow")
        width = flow.get("width") if isinstance(flow, Mapping) and "of" in flow else 0
        return width if type(width) is int and width > 0 else 0

    def require(self, other: "Fingerprint", what: str) -> list[str]:
        """Raise FingerprintError unless `other`, the fingerprint of `what`, has the same identity.

        Returns one line for each difference in execution, to warn about.
        """
        if self.digest != other.digest:
            raise FingerprintError(
                f"{what} were made by another encoder than the run was trained on: "
                f"{_difference(self.identity, other.identity)}; extract them again with the run's encoder"
            )
        return _differences(self.execution, other.execution)


def _difference(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """In few words: encoders of two kinds differ in everything, so naming their kinds is enough."""
    if expected.get("kind") != found.get("kind"):
        return f"{found.get('kind')}, expected {expected.get('kind')}"
    return "; ".join(_differences(expected, found))


def _differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    keys = [key for key in sorted(expected.keys() | found.keys()) if expected.get(key) != found.get(key)]
    return [f"{key} is {_short(found.get(key))}, expected {_short(expected.get(key))}" for key in keys]


def _short(value: Any) -> str:
    """A value in short: hashes by their first 12 characters, long lists and tables cut."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", text)
    return text if len(text) <= 60 else f"{text[:57]}..."
