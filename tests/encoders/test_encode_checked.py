"""What an encoder gives is checked: in one place, for extraction and for scoring."""

from pathlib import Path
from typing import Any

import numpy as np
import own_encoders
import pytest

from scenewise.cli import run
from scenewise.config import ExtractConfig
from scenewise.encoders import Encoded, VideoEncoder, encode_checked, open_encoder
from scenewise.errors import EncoderError, ScenewiseError, VideoError
from scenewise.inference.encoded_frames import encode_block
from scenewise.video.decode import FrameBlock

FRAMES = np.zeros((4, 6, 8, 3), np.uint8)


def with_not_a_number() -> np.ndarray:
    rows = np.zeros((4, 3), np.float32)
    rows[2, 1] = np.nan
    return rows


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (Encoded(np.zeros((3, 3), np.float32), None), EncoderError, "expected features (4, 3), got (3, 3)"),
        (Encoded(np.zeros((4, 2), np.float32), None), EncoderError, "expected features (4, 3), got (4, 2)"),
        (Encoded(np.zeros(4, np.float32), None), EncoderError, "expected features (4, 3), got (4,)"),
        (Encoded([[0.0] * 3] * 4, None), EncoderError, "as a NumPy array, got list"),  # type: ignore[arg-type]
        (np.zeros((4, 3), np.float32), EncoderError, "scenewise.Encoded, got ndarray"),
        (Encoded(with_not_a_number(), None), VideoError, "frame 12"),
        (Encoded(np.full((4, 3), 1e6, np.float32), None), VideoError, "frame 10"),
        (Encoded(np.zeros((4, 3), np.float32), np.zeros((3, 2, 3), np.float32)), EncoderError, "got (3, 2, 3)"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    given: Any, error: type[ScenewiseError], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = own_encoders.MeanColour()
    monkeypatch.setattr(encoder, "encode", lambda frames: given)
    with pytest.raises(error) as raised:
        encode_checked(encoder, FRAMES, "a.mp4", 10)
    assert message in str(raised.value) and "--encoder own_encoders:MeanColour: expected" in str(raised.value)
    if given is not None and message != "got (3, 2, 3)":
        block = FrameBlock(10, FRAMES, np.arange(4.0), np.zeros(4, bool))
        with pytest.raises(error, match="own_encoders:MeanColour"):
            encode_block(block, "a.mp4", VideoEncoder(encoder), None)


def test_what_is_right_is_passed_on() -> None:
    encoded = encode_checked(own_encoders.MeanColour(), FRAMES, "a.mp4", 0)
    assert encoded.features.shape == (4, 3) and encoded.features.dtype == np.float16 and encoded.regions is None


def test_an_encoder_that_is_built_in_is_named_by_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = open_encoder(ExtractConfig(encoder="motion-grid"))
    monkeypatch.setattr(encoder, "encode", lambda frames: Encoded(np.zeros((1, 1), np.float32), None))
    with pytest.raises(EncoderError, match="the encoder MotionGrid: expected features"):
        encode_checked(encoder, FRAMES, "a.mp4", 0)


@pytest.mark.parametrize(
    ("name", "message"), [("LosesARow", "expected features (32, 3), got (31, 3)"), ("GivesNaN", "frame 0")]
)
def test_extract_refuses_it(
    name: str, message: str, tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = f"own_encoders:{name}"
    assert run(["extract", str(tiny_dataset), "--out", str(tmp_path / "f"), "--encoder", given, "--no-objects"]) == 2
    error = capsys.readouterr().err
    assert message in error and f"--encoder {given}: expected" in error and "Traceback" not in error
    assert not list(tmp_path.rglob("*.safetensors"))
