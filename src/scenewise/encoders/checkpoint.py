"""Where a vision tower's weights and settings lie: a folder of safetensors and JSON, local, cached, or from the hub."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from pydantic import Field
from torch import Tensor

from scenewise.did_you_mean import did_you_mean
from scenewise.encoders.model_files import ModelFiles, file_beside
from scenewise.errors import EncoderError
from scenewise.formats.json_text import Form, parse_json, require_form
from scenewise.formats.regular_file import open_regular
from scenewise.formats.torch_tensors import map_torch_tensors

DEFAULT = "clip-vit-l-14"
DEFAULT_ID = "openai/clip-vit-large-patch14"
DEFAULT_REVISION = "32bd64288804d66eefd0ccbe215aa642df71cc41"

INDEX = "model.safetensors.index.json"
WEIGHTS = "model.safetensors"
FILES = ["config.json", "preprocessor_config.json", "processor_config.json", WEIGHTS, INDEX, "model-*-of-*.safetensors"]
"""All that is ever read of a checkpoint; pickled weights are never read."""


_Levels = Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=3, max_length=3)]
"""A number for each channel, on the scale 0 to 1."""


@dataclass(frozen=True)
class Checkpoint:
    """A folder as the library's `save_pretrained` writes it, checked to hold what a tower needs."""

    folder: Path
    config: dict[str, Any]
    preprocessing: dict[str, Any]
    """The image processor's settings; empty if the folder has none."""
    files: ModelFiles
    """config.json, then the weights."""

    @property
    def model_type(self) -> str:
        """What the library calls this kind of model."""
        return str(self.config.get("model_type"))

    def identity(self) -> dict[str, Any]:
        """What decides a tower's arithmetic, as SHA-256: the same bytes are the same tower, wherever they lie."""
        config, *weights = self.files.checksums
        joined = hashlib.sha256("".join(weights).encode()).hexdigest()
        return {
            "model_type": self.model_type,
            "weights": weights[0] if len(weights) == 1 else joined,
            "config": config,
        }

    def tensors(self) -> dict[str, Tensor]:
        """{name: tensor} of all weights. Raises EncoderError if a file of them is damaged, or a tensor is there twice.

        They are read here, from the files that were hashed: the library would follow further names in config.json.
        """
        tensors: dict[str, Tensor] = {}
        for path in self.files.paths[1:]:
            try:
                found = map_torch_tensors(path)
            except ValueError as error:
                raise EncoderError(f"{path}: {error}; get the file anew") from error
            twice = tensors.keys() & found.keys()
            if twice:
                raise EncoderError(f"{path}: holds {min(twice)}, as another of its files does; get them anew")
            tensors |= found
        return tensors


def find_checkpoint(name: str, weights: Path | None = None) -> Checkpoint:
    """The checkpoint of `name`: clip-vit-l-14 (from `weights`, if given), a folder, or a hub id owner/name.

    What the hub's cache holds is used without asking the network. Raises EncoderError if nothing is found or the folder
    lacks what is needed.
    """
    if name == DEFAULT:
        return _read(weights or _from_hub(DEFAULT_ID, DEFAULT_REVISION))
    if Path(name).is_dir():
        return _read(Path(name))
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        if Path(name).suffix.lower() in (".onnx", ".xml", ".tflite"):
            raise EncoderError(f"--encoder {name}: a file is given as openvino:FILE; did you mean openvino:{name}?")
        raise EncoderError(
            f"{name}: expected {DEFAULT}, efficientnet-lite0, motion-grid, openvino:FILE, a hub id owner/name, "
            "package.module:Class of your own, or a folder with a vision tower; there is no such folder"
            f"{did_you_mean(name, (DEFAULT, 'efficientnet-lite0', 'motion-grid'))}"
        )
    return _read(_from_hub(name, None))


def _from_hub(repository: str, revision: str | None) -> Path:
    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    except ValueError as error:
        raise EncoderError(f"{repository}: neither a folder nor a hub id owner/name") from error
    try:
        # One plain request first: without a network, a download would be retried for half a minute.
        commit = HfApi().model_info(repository, revision=revision, timeout=20).sha
        return Path(snapshot_download(repository, revision=commit, allow_patterns=FILES))
    except Exception as error:  # whatever the network, the hub or the disk raises means the same to the user
        reason = (str(error) or type(error).__name__).splitlines()[0]
        at = f" --revision {revision}" if revision else ""
        give = "--weights DIR" if repository == DEFAULT_ID else "--encoder DIR"
        raise EncoderError(
            f"{repository}: its weights are not on this machine and could not be downloaded ({reason}); with a "
            f"network, run `hf download {repository} {WEIGHTS} config.json preprocessor_config.json{at} --local-dir "
            f"DIR` and give {give}; motion-grid and openvino:FILE are encoders that need no download"
        ) from error


def _read(folder: Path) -> Checkpoint:
    config = _json(folder / "config.json")
    if config is None:
        raise EncoderError(f"{folder}: expected a folder with config.json and {WEIGHTS}; it has no config.json")
    # Image processors have a file of theirs, or are part of the file for pictures and text.
    preprocessing = _json(folder / "preprocessor_config.json")
    if preprocessing is None:
        preprocessing = (_json(folder / "processor_config.json") or {}).get("image_processor")
    if not isinstance(preprocessing, dict | None):
        raise EncoderError(f"{folder}/processor_config.json: expected a JSON object image_processor; get the file anew")
    try:
        require_form(preprocessing or {}, _ImageProcessor)
    except ValueError as error:
        raise EncoderError(f"{folder}: the settings of its image processor: {error}; get them anew") from error
    return Checkpoint(folder, config, preprocessing or {}, ModelFiles([folder / "config.json", *_weights(folder)]))


class _ImageProcessor(Form):
    image_mean: _Levels | None = None
    image_std: _Levels | None = None
    do_center_crop: bool | None = None


class _Index(Form):
    weight_map: Annotated[dict[str, str], Field(min_length=1)]


def _weights(folder: Path) -> list[Path]:
    """The files of the weights, in the order of their names."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    index = _json(folder / INDEX)
    if index is None:
        pickled = " (pickled weights such as pytorch_model.bin are never read)" if list(folder.glob("*.bin")) else ""
        raise EncoderError(
            f"{folder}: expected weights in safetensors, {WEIGHTS} is missing{pickled}; get or convert the weights as "
            "safetensors"
        )
    try:
        require_form(index, _Index)
    except ValueError as error:
        raise EncoderError(f"{folder / INDEX}: {error}; get the file anew") from error
    return [file_beside(folder / INDEX, name) for name in sorted(set(index["weight_map"].values()))]


def _json(path: Path) -> dict[str, Any] | None:
    try:
        with open_regular(path) as file:
            value = parse_json(file.read())
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise EncoderError(f"{path}: expected JSON, but it is not a text file in UTF-8; save it as UTF-8") from error
    except (ValueError, OSError) as error:
        raise EncoderError(f"{path}: cannot be read as JSON ({error}); get the file anew") from error
    if not isinstance(value, dict):
        raise EncoderError(f"{path}: expected a JSON object; get the file anew")
    return value
