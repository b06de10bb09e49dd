"""One thread each: there is a process for every core, and threads beside them only wait for each other."""

from __future__ import annotations

import os


def ask_for_one_thread() -> None:
    """Asks the numeric libraries to keep to one thread, here and in processes started from here.

    They read this when they are loaded, so it has to be said before numpy is imported: OpenBLAS else starts a thread
    for every core, which waits by running.
    """
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
