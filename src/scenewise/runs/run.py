"""A trained run as a folder.

RUN/
├── run.json                    method, settings, seed, encoder, scenes, versions, the commands that made it
├── model.safetensors           what the method learned
├── calibration.json            each scene's scale, from normal footage that was held out
├── normal_scores.safetensors   the scores of that footage
├── scenes.safetensors          the appearance of each scene, to recognise it in a new video
├── backgrounds.safetensors     for methods that score objects: the empty scenes that objects stand out from
├── thumbnails.safetensors      for methods with normal examples: small pictures of them; see thumbnails.py
├── log.csv                     losses, if the method is trained in steps; scenes/SCENE/log.csv for one model per scene
├── kept/                       with --keep-checkpoints: weights that only the published protocol opens
├── evaluation/                 after `scenewise evaluate`
├── evaluation-published/       after `scenewise evaluate --protocol published`: chosen on test data
├── report.html                 after `scenewise report`
└── SHA256SUMS                  of all files but the report, and those of the evaluations, which have theirs
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from numpy.typing import NDArray
from pydantic import Field

import scenewise
from scenewise.checksums import check, read_json, reading
from scenewise.config import SEED_MOST, ExtractConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.manifest_form import EncoderForm, FileName, PathText, Width
from scenewise.features.store import recorded_extraction
from scenewise.files import write_json
from scenewise.folders import real
from scenewise.formats.json_text import Form
from scenewise.formats.tensors import parse_tensors
from scenewise.methods import open_method, settings_of
from scenewise.methods.method import Method, RunContent
from scenewise.methods.scores import Scorer

FORMAT = 2
RUN_JSON = "run.json"
MODEL = "model.safetensors"
BACKGROUNDS = "backgrounds.safetensors"
TRAIN_AGAIN = "train again"


@dataclass(frozen=True)
class Run:
    """What run.json says."""

    folder: Path
    method: Method
    method_name: str
    """As `--method` named it: a method of ours, or package.module:Class."""
    settings: Any
    """The method's Settings."""
    fingerprint: Fingerprint
    """Of the encoder that made the features."""
    scenes: tuple[str, ...]
    """By name."""
    feature_width: int
    features: Path
    """The feature store it was trained on."""
    facts: dict[str, Any]
    """What the method recorded: seconds, parameters, and more."""
    summary: dict[str, str]
    """The same for people."""
    commands: tuple[str, ...]
    """The command lines that made it."""
    extract_config: ExtractConfig | None
    """The settings its features were extracted with; None for imported ones."""
    footage: str
    """Digest of the features it was trained and calibrated on."""

    @property
    def seed(self) -> int:
        """0 for methods that draw nothing at random."""
        return int(getattr(self.settings, "seed", 0))

    @property
    def objects_every(self) -> int:
        """Every how many-th frame is examined for objects."""
        return 1 if self.extract_config is None else self.extract_config.objects_every

    @property
    def deciding_settings(self) -> dict[str, Any]:
        """The settings that decide the result, but for the seed."""
        free = {"seed", *self.method.free_settings, *self.method.adding_settings}
        return {name: value for name, value in asdict(self.settings).items() if name not in free}

    def content(self) -> RunContent:
        """What the method opens. Raises IntegrityError if its tensors were changed."""
        path = self.folder / MODEL
        with reading(path, TRAIN_AGAIN):
            tensors = parse_tensors(check(path).read_bytes())
        return self.content_of(tensors)

    def content_of(self, tensors: Mapping[str, NDArray[Any]]) -> RunContent:
        """What the method opens, with `tensors` at hand."""
        return RunContent(
            self.folder,
            self.settings,
            tensors,
            self.facts,
            self.scenes,
            self.feature_width,
            self.objects_every,
            self.fingerprint.flow_width,
        )

    def open_scorer(self, device: str) -> Scorer:
        """The run, ready to score videos; `device` as `--device` names it."""
        return self.method.open(self.content(), device)


class _Facts(Form):
    seconds: float
    parameters: int


class RunForm(Form):
    """What run.json holds."""

    method: str
    settings: dict[str, Any]
    seed: Annotated[int, Field(ge=0, le=SEED_MOST)]
    encoder: EncoderForm
    extract_config: dict[str, Any] | None
    scenes: Annotated[list[FileName], Field(min_length=1)]
    footage: str
    feature_width: Width
    features: PathText
    facts: _Facts
    summary: dict[str, Any]
    commands: list[str]
    versions: dict[str, str]


def write_run(run: Run) -> None:
    """Write run.json."""
    described = {
        "format": FORMAT,
        "method": run.method_name,
        "settings": asdict(run.settings),
        "seed": run.seed,
        "encoder": {"identity": dict(run.fingerprint.identity), "execution": dict(run.fingerprint.execution)},
        "extract_config": None if run.extract_config is None else asdict(run.extract_config),
        "scenes": list(run.scenes),
        "footage": run.footage,
        "feature_width": run.feature_width,
        "features": str(real(run.features)),
        "facts": run.facts,
        "summary": run.summary,
        "commands": list(run.commands),
        "versions": {"scenewise": scenewise.__version__, "python": platform.python_version(), "torch": _torch()},
    }
    write_json(run.folder / RUN_JSON, described)


def open_run(folder: str | Path) -> Run:
    """The run in `folder`.

    Raises IntegrityError if there is none, it is not finished, or a byte was changed; ConfigError if its method is a
    class of the user's own that cannot be imported.
    """
    folder = Path(folder)
    if not (folder / RUN_JSON).is_file():
        raise IntegrityError(
            f"{folder}: expected a trained run with a {RUN_JSON}, found none; make one with: scenewise train "
            "(--resume goes on with one that was stopped)"
        )
    described = read_json(folder / RUN_JSON, RunForm, format_version=FORMAT)
    method = open_method(described["method"])
    try:
        settings = settings_of(method, described["settings"], described["method"])
    except ConfigError as error:
        raise IntegrityError(f"{folder / RUN_JSON}: its settings are not valid ({error}); {TRAIN_AGAIN}") from error
    return Run(
        folder=folder,
        method=method,
        method_name=described["method"],
        settings=settings,
        fingerprint=Fingerprint(described["encoder"]["identity"], described["encoder"]["execution"]),
        scenes=tuple(described["scenes"]),
        feature_width=described["feature_width"],
        features=Path(described["features"]),
        facts=described["facts"],
        summary=described["summary"],
        commands=tuple(described["commands"]),
        extract_config=recorded_extraction(described["extract_config"], folder / RUN_JSON),
        footage=described["footage"],
    )


def _torch() -> str:
    from importlib.metadata import version

    return version("torch")
