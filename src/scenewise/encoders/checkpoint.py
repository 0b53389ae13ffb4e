"""Where a vision tower's weights and settings lie: a folder of safetensors and JSON, local, cached, or from the hub."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from scenewise.errors import EncoderError
from scenewise.files import sha256_of

DEFAULT = "clip-vit-l-14"
DEFAULT_ID = "openai/clip-vit-large-patch14"
DEFAULT_REVISION = "32bd64288804d66eefd0ccbe215aa642df71cc41"

INDEX = "model.safetensors.index.json"
WEIGHTS = "model.safetensors"
FILES = ["config.json", "preprocessor_config.json", "processor_config.json", WEIGHTS, INDEX, "model-*-of-*.safetensors"]
"""All that is ever read of a checkpoint; pickled weights are never read."""


@dataclass(frozen=True)
class Checkpoint:
    """A folder as the library's `save_pretrained` writes it, checked to hold what a tower needs."""

    folder: Path
    config: dict[str, Any]
    preprocessing: dict[str, Any]
    """The image processor's settings; empty if the folder has none."""
    weights: list[Path]

    @property
    def model_type(self) -> str:
        """What the library calls this kind of model."""
        return str(self.config.get("model_type"))

    def identity(self) -> dict[str, Any]:
        """What decides a tower's arithmetic, as SHA-256: the same bytes are the same tower, wherever they lie."""
        weights = hashlib.sha256("".join(map(sha256_of, self.weights)).encode()).hexdigest()
        return {
            "model_type": self.model_type,
            "weights": sha256_of(self.weights[0]) if len(self.weights) == 1 else weights,
            "config": sha256_of(self.folder / "config.json"),
        }


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
        raise EncoderError(
            f"{name}: expected {DEFAULT}, motion-grid, openvino:FILE, a hub id owner/name, package.module:Class of "
            "your own, or a folder with a vision tower; there is no such folder"
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
    index = None if (folder / WEIGHTS).is_file() else _json(folder / INDEX)
    weights = [folder / name for name in sorted(set(index["weight_map"].values()))] if index else [folder / WEIGHTS]
    missing = [path.name for path in weights if not path.is_file()]
    if missing:
        pickled = " (pickled weights such as pytorch_model.bin are never read)" if list(folder.glob("*.bin")) else ""
        raise EncoderError(
            f"{folder}: expected weights in safetensors, {', '.join(missing)} is missing{pickled}; get or convert the "
            "weights as safetensors"
        )
    return Checkpoint(folder, config, preprocessing or {}, weights)


def _json(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
        if text.startswith("\ufeff"):  # the library that reads it again refuses the mark
            raise EncoderError(f"{path}: begins with a byte order mark; save it as UTF-8 without one")
        value = json.loads(text)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise EncoderError(f"{path}: expected JSON, but it is not a text file in UTF-8; save it as UTF-8") from error
    except (ValueError, OSError) as error:
        raise EncoderError(f"{path}: cannot be read as JSON ({error}); get the file anew") from error
    if not isinstance(value, dict):
        raise EncoderError(f"{path}: expected a JSON object; get the file anew")
    return value
