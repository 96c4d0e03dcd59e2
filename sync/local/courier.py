"""Who calls the callbacks of observers: the event loop they were registered on, or one thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

Task = Callable[[], object]


class Courier:
    """Runs tasks one after the other on a thread of its own, which begins with the first."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def soon(self, task: Task) -> None:
        """Run a task after those that wait already; it must not raise."""
        with self._lock:
            if self._is_closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="observers", daemon=True)
                self._thread.start()
            self._tasks.put(task)

    def close(self) -> None:
        """End, after the task that is running; what waits is left."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        if thread is not None:
            self._tasks.put(None)
            if thread is not threading.current_thread():
                thread.join()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            if not self._is_closed:
                task()


def on_this_loop() -> Callable[[Task], object] | None:
    """What runs tasks on the event loop of the caller; None if there is none. A loop that is closed
    runs nothing any more."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    return lambda task: None if loop.is_closed() else loop.call_soon_threadsafe(task)
