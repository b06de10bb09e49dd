#!/bin/sh
# Sees to it that there is a chromium for the tests of the pages; without one they are skipped.
set -eu
for name in chromium chromium-browser; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "The pages are tested in chromium: installing it" >&2
    apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium && exit 0
fi
echo "No chromium: the tests of the pages will be skipped. On Debian or Ubuntu: sudo apt-get install chromium" >&2
