"""Frozen encoders: frames to features, crops of objects to appearance features.

encoder.py, object_encoder.py    what both are to the rest of the program
encode_checked.py                what an encoder gives, checked
video_encoder.py                 an encoder at work on a video: every frame, or every n-th one
open_encoder.py                  an encoder by its name: built in, or plugged in as package.module:Class
vision_tower.py                  CLIP, SigLIP and DINO
tower_torch.py                   a tower through torch: the reference, and the way on a GPU
tower_openvino.py, tower_cache   a tower through OpenVINO on a CPU, and where its converted form is kept
int8_tower.py, calibrate_tower   a tower in int8: calibrated, and kept only if its features agree
openvino.py                      any image encoder that OpenVINO reads
efficientnet_lite0*.py           the encoder in the box: its weights, its network, and the network on a GPU
motion_grid.py                   features without weights
*_object_encoder.py              the object encoders; each encoder of frames names its own
"""

import scenewise.encoders.no_telemetry  # noqa: F401  before anything imports OpenVINO
from scenewise.encoders.encode_checked import Checked, encode_checked
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.encoders.open_encoder import name_of_encoder, open_encoder, open_object_encoder, require_used
from scenewise.encoders.video_encoder import VideoEncoder

__all__ = [
    "Checked",
    "Encoded",
    "Encoder",
    "Fingerprint",
    "ObjectEncoder",
    "VideoEncoder",
    "encode_checked",
    "name_of_encoder",
    "open_encoder",
    "open_object_encoder",
    "require_used",
]
