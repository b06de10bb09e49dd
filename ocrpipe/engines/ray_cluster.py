"""The cluster that a run works on: connecting to it or starting one, its size, and whether its machines are fit."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import ray
from ray.exceptions import NodeDiedError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ocrpipe.engines.ray_worker import probe
from ocrpipe.errors import OcrpipeError, UsageError

_STORE_BYTES = 128 * 2**20
"""Of a local Ray, for objects: the line, the shares and what the driver counts."""

_CALL_S = 10.0
"""A machine that has not answered by then is not there."""


@contextmanager
def connected(address: str | None, jobs: int) -> Iterator[None]:
    """Ray for the length of a run, unless this process has it already: the cluster at `address`, or one of `jobs` cores
    (0: all) on this machine. Its words go to stderr, and its handlers of signals away, as the run has its own."""
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if address is None:
            ray.init(
                "local", num_cpus=jobs or len(os.sched_getaffinity(0)), object_store_memory=_STORE_BYTES,
                include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR,
            )  # fmt: skip
        else:
            _call_at(address)
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--address {address}: this machine is part of no cluster of Ray there; `ray start --address` joins it to "
            f"one ({error})"
        ) from error
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        ray.shutdown()


def _call_at(address: str) -> None:
    """OSError where nobody answers; Ray itself would go on calling for a long time."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit():  # not such as "auto"
        socket.create_connection((host, int(port)), _CALL_S).close()


def cores() -> int:
    """Of the whole cluster, as it is now."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def on_node(node_id: str) -> NodeAffinitySchedulingStrategy:
    return NodeAffinitySchedulingStrategy(node_id, soft=False)


def check_nodes(held: Sequence[Any]) -> None:
    """Every machine must see the scans and the output: which one does not is said before anything is read."""
    task: Any = ray.remote(num_cpus=0, max_retries=0)(probe)
    asked = {
        task.options(scheduling_strategy=on_node(node["NodeID"])).remote(held): node["NodeManagerAddress"]
        for node in ray.nodes()
        if node["Alive"] and node["Resources"].get("CPU")
    }
    troubles = [trouble for reference, address in asked.items() if (trouble := _trouble(reference, address))]
    if troubles:
        raise troubles[0]


def _trouble(probed: Any, address: str) -> OcrpipeError | None:
    """What keeps a node from taking part; one that died meanwhile does not."""
    try:
        ray.get(probed)
    except RayTaskError as error:
        known = isinstance(error.cause, OcrpipeError)
        return error.cause if known else UsageError(f"node {address} cannot take part: {error.cause}")
    except NodeDiedError:
        pass
    return None
