"""Decoding in a child process with limits, for what may take all memory or all time.

A few hundred bytes of PDF can draw a form inside a form a million million times, and PDFium ends its process when there
is no memory left. In a child that costs the page, not the worker and all that it holds.
"""

from __future__ import annotations

import math
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe
from typing import TypeVar

from ocrpipe.scans.raster import Refused

Item = TypeVar("Item")
Pages = Callable[[int], tuple[int, Iterator[Item | Refused]]]
"""From the number of the first page that is wanted to how many there are, and those from there on."""

SECONDS_A_PAGE = 60
"""Of the wall; ends what waits for ever."""
_CPU_SECONDS_A_PAGE = 8
MEMORY = 1 << 30
"""Bytes that the child may take beyond what its parent has."""
_MOST_DEATHS = 2


def guarded(pages: Pages[Item]) -> Iterator[Item | Refused]:
    """What `pages` yields, made in a child; a page at which it dies or dawdles is refused, and another child goes on.

    A Refused raised before the first page is raised here, too.
    """
    page, count, deaths = 0, 1, 0
    while page < count:
        if deaths == _MOST_DEATHS:
            yield Refused("too_large", f"not tried, because {_MOST_DEATHS} pages before took too much")
            page += 1
            continue
        child, pipe = _started(pages, page)
        trouble = Refused("too_large", f"the page takes more than {_CPU_SECONDS_A_PAGE} s or {MEMORY >> 30} GB")
        opened = False
        try:
            while page < count:
                if not pipe.poll(SECONDS_A_PAGE):
                    break
                said = pipe.recv()
                if not opened:
                    if isinstance(said, Exception):
                        raise said
                    count, opened = said, True
                    continue
                yield said
                page += 1
        except EOFError:
            pass
        finally:
            pipe.close()
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        if not opened:
            raise trouble
        if page < count:
            yield trouble
            page, deaths = page + 1, deaths + 1


def _started(pages: Pages[Item], first: int) -> tuple[int, Connection]:
    ours, theirs = Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads: the child runs one decoder and ends without clearing up
        child = os.fork()
    if child == 0:
        ours.close()
        _work(pages, first, theirs)
    theirs.close()
    return child, ours


def _work(pages: Pages[Item], first: int, pipe: Connection) -> None:
    """The child's life. It never returns."""
    try:
        _limit()
        try:
            count, found = pages(first)
        except Refused as refusal:
            pipe.send(refusal)
            return
        pipe.send(count)
        for page in found:
            pipe.send(page)
            _limit_time()
    except BaseException:
        pass  # the parent sees that it ended
    finally:
        os._exit(0)


def _limit() -> None:
    import resource

    _limit_time()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = 2 * used + MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if most < 0 else min(wanted, most), most))


def _limit_time() -> None:
    """Gives the process so much more of the processor, beyond which it is ended."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + _CPU_SECONDS_A_PAGE, most))
