"""A folder of many runs belongs to one set of settings."""

from pathlib import Path

import pytest

from scenewise.errors import ConfigError, IntegrityError
from scenewise.files import record_checksums
from scenewise.output_folder import claim


def test_the_same_settings_go_on_and_others_are_refused(tmp_path: Path) -> None:
    settings = {"steps": 10, "methods": ("a", "b"), "street_seed": 0}
    claim(tmp_path, "demo", settings)
    written = (tmp_path / "demo.json").read_bytes()
    claim(tmp_path, "demo", settings)
    assert (tmp_path / "demo.json").read_bytes() == written
    with pytest.raises(ConfigError) as refused:
        claim(tmp_path, "demo", {**settings, "street_seed": 1})
    assert "--street-seed 0, now 1" in str(refused.value) and "steps" not in str(refused.value)
    assert (tmp_path / "demo.json").read_bytes() == written
    with pytest.raises(ConfigError, match="--steps 10, now 11"):
        claim(tmp_path, "demo", {**settings, "steps": 11}, {"steps": (10, 12)})
    claim(tmp_path, "demo", {**settings, "steps": 12}, {"steps": (10, 12)})
    with pytest.raises(ConfigError, match="--steps 12, now 10"):
        claim(tmp_path, "demo", settings, {"steps": (10, 12)})
    (tmp_path / "demo.json").write_bytes(written)
    record_checksums(tmp_path, ["demo.json"])
    (tmp_path / "demo.json").write_bytes(written.replace(b"10", b"11"))
    with pytest.raises(IntegrityError, match=r"demo\.json"):
        claim(tmp_path, "demo", settings)
