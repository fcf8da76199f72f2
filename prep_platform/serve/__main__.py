"""Starts the platform on one address: `python -m prep_platform.serve --port N [--server NAME]`.

`script/server` runs this after setting everything up. Ctrl-C and SIGTERM first let the open rooms
finish (`realtime.rooms.drain`), then close the connections, then end with exit code 0.
"""

import argparse
import os
import signal
import sys
import warnings

from prep_platform.serve import SERVERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m prep_platform.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--server", choices=SERVERS, default="daphne")
    arguments = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prep_platform.settings")
    from prep_platform.asgi import application
    from prep_platform.running import pulse
    from prep_platform.serve.service import Service, demo_accounts, say, settle, start_background_work

    # WhiteNoise's files are read whole under ASGI; they are small.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
    # A shell that starts us in the background ignores Ctrl-C for us; we still stop when sent it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    background = start_background_work()
    service = Service(application, arguments.host, arguments.port, demo_accounts())
    settle()
    exit_code = SERVERS[arguments.server](service)
    pulse.stop()
    if background is not None:
        background.stop(graceful=True)
    if exit_code == 0:
        say("Stopped. 已停止。")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
