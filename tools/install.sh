#!/bin/sh
# Installs this checkout into .venv with pinned versions, and sees to it that OpenCV can be loaded.
# Usage: tools/install.sh PYTHON WHAT, where WHAT is . or ".[test]"
set -eu
python=$1
what=$2

[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "ocrpipe needs Python 3.11 or newer; $python is older. Try: rm -r .venv; make PYTHON=/path/to/python3.11" >&2
    exit 1
}
.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable "$what"

loads_opencv() { .venv/bin/python -c 'import cv2' 2>.venv/opencv.log; }
if ! loads_opencv; then
    if grep -q 'cannot open shared object file' .venv/opencv.log && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "OpenCV wants libgl1 and libglib2.0-0: installing them" >&2
        apt-get update -qq && apt-get install -qq --yes --no-install-recommends libgl1 libglib2.0-0
    fi
    loads_opencv || {
        tail -n 1 .venv/opencv.log >&2
        echo "OpenCV cannot be loaded. On a bare Debian or Ubuntu: sudo apt-get install libgl1 libglib2.0-0" >&2
        exit 1
    }
fi
