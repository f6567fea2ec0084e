"""The development launcher: real servers, the whole shop in one command, and its checks."""

import os

if os.name != "posix":
    raise SystemExit("The launcher needs Linux or macOS (on Windows: WSL).")
