from __future__ import annotations

from hypothesis import settings

from tests.browser import chromium, page_of
from tests.s3 import bucket, s3_server

__all__ = ["bucket", "chromium", "page_of", "s3_server"]

settings.register_profile("ocrpipe", deadline=None)  # compiled code is slow the first time
settings.load_profile("ocrpipe")
