"""Ways to run the same task on many shards: in this process, in worker processes, or on Ray."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

from pipeline.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_tasks(task: Callable[[Item], Result], items: Sequence[Item], engine: str, workers: int) -> Iterator[Result]:
    """Results of ``task`` on the items as they finish, in any order. ``task`` and items must pickle."""
    if not items:
        return iter(())
    if engine == "ray":
        return _on_ray(task, items, workers)
    if workers == 1 or len(items) == 1:
        return map(task, items)
    return _in_processes(task, items, min(workers, len(items)))


def _in_processes(task: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    threads = max(1, multiprocessing.cpu_count() // workers)
    # Forking a process that holds torch's threads can hang; a fresh one cannot.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(threads, os.getpid())) as pool:
        try:
            for done in as_completed([pool.submit(task, item) for item in items]):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)  # a run that stops does not wait for what is still queued


def _on_ray(task: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    try:
        import ray
    except ImportError as error:
        raise UsageError("engine 'ray' needs the package ray: pip install 'claimledger[ray]'") from error
    if not ray.is_initialized():
        ray.init(num_cpus=workers, log_to_driver=False, include_dashboard=False)
    remote = ray.remote(num_cpus=1)(lambda item: task(item))
    waiting = [remote.remote(item) for item in items]
    try:
        while waiting:
            done, waiting = ray.wait(waiting)
            yield from ray.get(done)
    finally:
        for task_left in waiting:
            ray.cancel(task_left)


def _start_worker(threads: int, parent: int) -> None:
    import torch

    torch.set_num_threads(threads)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: a run that was killed must not go on writing."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
