from __future__ import annotations

from hypothesis import settings

settings.register_profile("ocrpipe", deadline=None)  # compiled code is slow the first time
settings.load_profile("ocrpipe")
