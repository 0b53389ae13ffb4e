"""Which device computes, and in which number format."""

import torch

from scenewise.config import EncoderPrecision
from scenewise.errors import ConfigError

CPU = torch.device("cpu")


def pick_device(name: str) -> torch.device:
    """The device that `--device` names; auto takes CUDA, else Apple's MPS, else the CPU.

    Raises ConfigError if this machine has no such device.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind in available if available[kind]))
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"--device: expected auto, cpu, cuda, cuda:N or mps, got {name!r}") from error
    if not available.get(device.type, False):
        here = ", ".join(kind for kind in available if available[kind])
        raise ConfigError(f"--device {name}: this machine has none (it has: {here})")
    return device


def computes_bfloat16(device: torch.device) -> bool:
    """Whether `device` computes bfloat16 natively: a CUDA card of compute capability 8.0 on, a CPU with AVX-512 BF16
    or AMX."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()  # its keys differ from one processor family to another
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return False


def pick_dtype(precision: EncoderPrecision, device: torch.device) -> torch.dtype:
    """The format of matrix products: auto takes bfloat16 if `device` computes it natively, else float32.

    Raises ConfigError if bfloat16 is asked for on a CPU that does not compute it natively: it would be slower than
    float32, and there a row of a matrix product depends on its place in the batch, so that the features of a frame or
    of an object would depend on the others in the batch. Also if int8 is asked for, which vision towers alone have.
    """
    if precision == "int8":
        raise ConfigError(
            "--precision int8: only vision towers such as clip-vit-l-14 have it, on the CPU; give --precision float32, "
            "or auto"
        )
    native = computes_bfloat16(device)
    if precision == "bfloat16" and device.type == "cpu" and not native:
        raise ConfigError(
            "--precision bfloat16: this processor does not compute it natively (AVX-512 BF16 or AMX); give "
            "--precision float32, or auto"
        )
    return torch.bfloat16 if precision == "bfloat16" or (precision == "auto" and native) else torch.float32
