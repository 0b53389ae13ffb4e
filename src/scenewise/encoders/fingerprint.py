"""What made the features: the part that must match, and the part that is only recorded."""

import hashlib
import json
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

    def require(self, other: "Fingerprint", what: str) -> list[str]:
        """Raise FingerprintError unless `other`, the fingerprint of `what`, has the same identity.

        Returns one line for each difference in execution, to warn about.
        """
        if self.digest != other.digest:
            differences = _differences(self.identity, other.identity)
            raise FingerprintError(
                f"{what} were made by another encoder than the run was trained on: {'; '.join(differences)}; "
                "extract them again with the run's encoder"
            )
        return _differences(self.execution, other.execution)


def _differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    keys = [key for key in sorted(expected.keys() | found.keys()) if expected.get(key) != found.get(key)]
    return [f"{key} is {found.get(key)!r}, expected {expected.get(key)!r}" for key in keys]
