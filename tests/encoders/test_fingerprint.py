"""What a mismatch of encoders says: a line that can be read."""

import pytest

from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import FingerprintError


def difference(trained: dict[str, object], found: dict[str, object]) -> str:
    with pytest.raises(FingerprintError) as caught:
        Fingerprint(trained, {}).require(Fingerprint(found, {}), "the features in F")
    return str(caught.value)


def test_encoders_of_two_kinds_differ_by_their_kind_alone() -> None:
    trained = {"kind": "motion-grid", "background": {"rate": 0.1, "more": list(range(50))}}
    found = {"kind": "openvino", "model": ["a" * 64], "mean": None}
    told = difference(trained, found)
    assert "openvino, expected motion-grid" in told and "background" not in told and len(told) < 160


def test_only_what_differs_is_told_and_hashes_are_shortened() -> None:
    trained = {"kind": "openvino", "model": ["a" * 64], "fit": "squash", "size": [96, 96]}
    told = difference(trained, trained | {"model": ["b" * 64], "fit": "crop"})
    assert "fit is crop, expected squash" in told
    assert "b" * 12 in told and "a" * 12 in told and "a" * 13 not in told and "b" * 13 not in told
    assert "size" not in told and "openvino" not in told


def test_a_long_value_is_cut() -> None:
    told = difference({"kind": "k", "constants": list(range(200))}, {"kind": "k", "constants": list(range(201))})
    assert len(told) < 280 and "..." in told


def test_execution_only_warns() -> None:
    here, there = Fingerprint({"kind": "k"}, {"device": "cpu"}), Fingerprint({"kind": "k"}, {"device": "cuda"})
    assert here.require(there, "features") == ["device is cuda, expected cpu"]
    assert here.require(here, "features") == []
