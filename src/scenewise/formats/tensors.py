"""Tensors from the bytes of a safetensors file, and the form that they have to have."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors

from scenewise.formats.json_text import parse_json
from scenewise.formats.reasons import in_short

Tensors = dict[str, NDArray[Any]]


class TensorForm(NamedTuple):
    """The type and the shape of a tensor."""

    dtype: str
    """As numpy calls it; float stands for every type of real numbers."""
    axes: tuple[int | str, ...]
    """Lengths; a name stands for the same length in every tensor."""
    finite: bool = True
    """Whether NaN and infinity are refused."""
    optional: bool = False


def tensor(dtype: str, *axes: int | str, finite: bool = True, optional: bool = False) -> TensorForm:
    """The form of a tensor: `tensor("float16", "frames", "width")`."""
    return TensorForm(dtype, axes, finite, optional)


def parse_tensors(content: bytes) -> Tensors:
    """{name: tensor} of a safetensors file. Raises ValueError."""
    try:
        return dict(load_tensors(content))
    except Exception as error:  # of a wrong header, the library raises its own error and several of Python's
        raise ValueError(f"no safetensors file: {in_short(error)}") from error


def metadata_of(content: bytes) -> str:
    """The text `scenewise` in the metadata of a safetensors file. Raises ValueError if there is none."""
    header = parse_json(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    text = metadata.get("scenewise") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise ValueError("its metadata has no text `scenewise`")
    return text


def require_tensors(
    tensors: Mapping[str, NDArray[Any]], forms: Mapping[str, TensorForm], lengths: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Raise ValueError, naming the tensor, unless those of `forms` are there and have their form; others may be there.

    `lengths` are those of axes that are known; returns those of all named axes.
    """
    known = dict(lengths or {})
    for name, form in forms.items():
        if name not in tensors:
            if form.optional:
                continue
            raise ValueError(f"it has no tensor {name}")
        value = tensors[name]
        fits = value.ndim == len(form.axes)
        fits = fits and (value.dtype.kind == "f" if form.dtype == "float" else value.dtype == form.dtype)
        for axis, length in zip(form.axes, value.shape, strict=False):
            fits = fits and length == (axis if isinstance(axis, int) else known.setdefault(axis, length))
        if not fits:
            axes = ", ".join(f"{axis} {known[axis]}" if axis in known else str(axis) for axis in form.axes)
            raise ValueError(f"{name}: expected {form.dtype} ({axes}), got {value.dtype} {value.shape}")
        if form.finite and value.dtype.kind == "f" and not np.isfinite(value).all():
            raise ValueError(f"{name}: holds numbers that are not finite")
    return known


def require_indices(name: str, values: NDArray[Any], stop: int, start: int = 0) -> None:
    """Raise ValueError unless all `values` lie in `start` to before `stop`."""
    if len(values) and not (values.min() >= start and values.max() < stop):
        raise ValueError(f"{name}: expected numbers from {start} to {stop - 1}, got {values.min()} to {values.max()}")


def forms_of(tensors: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> dict[str, TensorForm]:
    """{name: form} of tensors, of numpy or torch, that others have to be like."""
    return {
        name: TensorForm(str(value.dtype).removeprefix("torch."), tuple(value.shape))
        for name, value in dict(tensors).items()
    }
