"""No library sends anything over the network on its own."""

import subprocess
import sys

CODE = """
import socket, sys
def refused(*arguments): raise AssertionError(f"something connects to {arguments}")
socket.socket.connect = refused
import scenewise.encoders.efficientnet_lite0
import openvino.tools.ovc
assert openvino.tools.ovc.telemetry_utils.tm.__name__ == "openvino.tools.ovc.telemetry_stub"
assert sys.modules["openvino_telemetry"] is None
"""


def test_openvino_finds_no_sender_of_statistics() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
