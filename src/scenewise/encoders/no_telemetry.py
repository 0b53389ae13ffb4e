"""OpenVINO's tools send usage statistics over the network as soon as they are imported, unless they find no sender.

A program that watches cameras sends nothing that its user has not asked for. So the sender is made to look as if it
were not installed, before OpenVINO is imported: its own code then goes on without.
https://docs.openvino.ai/2026/about-openvino/additional-resources/telemetry.html
"""

import sys

if "openvino_telemetry" not in sys.modules:
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as the import system marks what is not there
