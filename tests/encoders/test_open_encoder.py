"""Which class an encoder's name opens, which flags it uses, and what a class of one's own has to be."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import own_encoders
import pytest
import torch
import transformers
from numpy.typing import NDArray

import scenewise.features.extract as extraction
from scenewise.config import ExtractConfig
from scenewise.encoders import Encoded, Encoder, name_of_encoder, open_encoder, open_object_encoder
from scenewise.encoders.motion_grid import MotionGrid
from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder
from scenewise.errors import ConfigError, EncoderError, ScenewiseError
from scenewise.features.store import open_store


def write_tower(folder: Path) -> Path:
    torch.manual_seed(0)
    small: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    config = transformers.CLIPVisionConfig(
        **small, num_attention_heads=4, image_size=64, patch_size=8, projection_dim=24
    )
    transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder)
    return folder


def write_float_model(folder: Path) -> Path:
    ov = pytest.importorskip("openvino")
    ops = ov.opset13
    picture = ops.parameter([1, 3, 16, 16], np.float32)
    weights = np.random.default_rng(0).normal(0, 0.3, (5, 3, 3, 3)).astype(np.float32)
    maps = ops.convolution(picture, ops.constant(weights), [2, 2], [1, 1], [1, 1], [1, 1])
    model = ov.Model([ops.reduce_mean(maps, ops.constant([2, 3]), False)], [picture])
    ov.save_model(model, folder / "model.xml")
    return folder / "model.xml"


def says_one_line(caught: pytest.ExceptionInfo[ScenewiseError], *words: str) -> None:
    text = str(caught.value)
    assert "\n" not in text and all(word in text for word in words), text


# --- Object encoders ---


def test_each_encoder_has_its_object_encoder(tmp_path: Path) -> None:
    model = f"openvino:{write_float_model(tmp_path)}"
    configs = {
        "shape": ExtractConfig(encoder="motion-grid"),
        "vision-tower": ExtractConfig(encoder=str(write_tower(tmp_path)), device="cpu"),
        "openvino": ExtractConfig(encoder=model, mean=(0.5,) * 3, std=(0.2,) * 3, colour="rgb"),  # type: ignore[arg-type]
    }
    for kind, config in configs.items():
        object_encoder = open_object_encoder(open_encoder(config))
        assert object_encoder.identity["kind"] == kind
        assert object_encoder.distinguishes_classes == (kind != "shape")
        assert json.loads(json.dumps(object_encoder.identity)) == object_encoder.identity
        size = object_encoder.size
        crops = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
        assert object_encoder.encode(crops).shape == (2, object_encoder.width)
    published = open_object_encoder(open_encoder(ExtractConfig(encoder=model, preprocess="published")))
    assert published.identity["mean"] == [0.5] * 3 and published.identity["colour"] == "bgr"


def test_an_encoder_of_ones_own_encodes_objects_by_shape_or_by_an_object_encoder_of_its_own() -> None:
    assert isinstance(open_object_encoder(own_encoders.MeanColour()), ShapeObjectEncoder)
    assert isinstance(open_object_encoder(own_encoders.WithObjects()), own_encoders.Small)
    with pytest.raises(EncoderError) as caught:
        open_object_encoder(own_encoders.WithHalfAnObjectEncoder())
    says_one_line(caught, "size", "distinguishes_classes")


# --- Plug-ins ---


def test_a_class_of_ones_own_is_opened_by_its_name() -> None:
    encoder = open_encoder(ExtractConfig(encoder="own_encoders:MeanColour"))
    assert type(encoder) is own_encoders.MeanColour and name_of_encoder(encoder) == "own_encoders:MeanColour"
    assert encoder.encode(np.full((2, 4, 4, 3), 7, np.uint8)).features.tolist() == [[7, 7, 7]] * 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module:Thing", ["no_such_module"]),
        ("own_encoders:Missing", ["own_encoders", "Missing"]),
        ("own_encoders:NoEncoder", ["scenewise.Encoder"]),
        ("own_encoders:function", ["scenewise.Encoder"]),
        ("own_encoders:NeedsArguments", ["levels"]),
        ("own_encoders:Broken", ["the weights are gone"]),
        ("own_encoders:WithoutWidth", ["width"]),
        ("own_encoders:WithoutKind", ["kind"]),
        ("own_encoders:WithAnArray", ["JSON"]),
        ("own_encoders:WithoutEncode", ["encode"]),
        ("fails_when_imported:Thing", ["fails_when_imported", "ZeroDivisionError"]),
    ],
)
def test_what_is_no_encoder_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: list[str]
) -> None:
    (tmp_path / "fails_when_imported.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError) as caught:
        open_encoder(ExtractConfig(encoder=name))
    says_one_line(caught, *words)


def test_a_flag_that_a_plug_in_does_not_use_is_refused() -> None:
    for given in ({"regions": "2x2"}, {"fit": "crop"}, {"weights": "folder"}, {"mean": (0.0, 0.0, 0.0)}):
        with pytest.raises(ConfigError, match=f"--{next(iter(given))}"):
            open_encoder(ExtractConfig(encoder="own_encoders:MeanColour", **given))  # type: ignore[arg-type]


# --- Instances ---


def test_an_instance_is_recorded_by_the_name_that_opens_it_again(tiny_dataset: Path, tmp_path: Path) -> None:
    extraction.extract(tiny_dataset, tmp_path / "features", encoder=own_encoders.WithObjects())
    store = open_store(tmp_path / "features")
    config = store.extract_config
    assert config is not None and config.encoder == "own_encoders:WithObjects"
    encoder = open_encoder(config)
    fingerprint = extraction.fingerprint_of(encoder, config, open_object_encoder(encoder))
    assert fingerprint.digest == store.fingerprint.digest
    assert fingerprint.identity["objects"]["distinguishes_classes"] is True


def test_an_instance_whose_class_cannot_be_found_again_is_refused(tiny_dataset: Path, tmp_path: Path) -> None:
    class Inner(own_encoders.MeanColour):
        pass

    moved = type("MeanColour", (own_encoders.MeanColour,), {"__module__": "own_encoders"})
    in_script = type("Script", (own_encoders.MeanColour,), {"__module__": "__main__"})
    cases: dict[str, Any] = {
        "top level of a module": Inner(),
        "cannot be imported": moved(),
        "__main__": in_script(),
        "levels": own_encoders.NeedsArguments(3),
        "built in": MotionGrid(),
        "scenewise.Encoder": own_encoders.NoEncoder(),
    }
    for words, encoder in cases.items():
        with pytest.raises(EncoderError) as caught:
            extraction.extract(tiny_dataset, tmp_path / "features", encoder=encoder)
        says_one_line(caught, words)
    assert not (tmp_path / "features").exists()


def test_settings_that_an_instance_would_ignore_are_refused(tiny_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--regions"):
        extraction.extract(
            tiny_dataset, tmp_path / "features", ExtractConfig(regions="2x2"), encoder=own_encoders.MeanColour()
        )


class Graded(Encoder):
    """Uses a flag: its settings come from the command."""

    flags = frozenset({"regions"})
    width = 1

    def __init__(self, places: int = 1) -> None:
        self.places = places
        self.identity = {"kind": "graded", "places": places}

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "Graded":
        rows, columns = config.grid or (1, 1)
        return cls(rows * columns)

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        return Encoded(np.zeros((len(frames), 1), np.float32), np.zeros((len(frames), self.places, 1), np.float32))


def test_a_plug_in_can_use_flags() -> None:
    encoder = open_encoder(ExtractConfig(encoder="test_open_encoder:Graded", regions="2x3"))
    assert encoder.identity["places"] == 6
