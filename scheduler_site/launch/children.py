"""The programs that serve: started, watched, started again when they die, stopped together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from notifications.kinship import die_with
from scheduler_site.launch.ending import Stopped

ROOT = Path(__file__).resolve().parent.parent.parent
STEADY_SECONDS = 10  # one that lived so long may start again at once
LONGEST_DELAY = 30
FIRST_SIGN_SECONDS = 60  # a start on a slow machine takes its time


class Child:
    """One program.

    With `listener`, it inherits that socket, whose number it finds as SCHEDULER_LISTENER.
    With `silence`, it must show a sign of life more often than that (seconds), by writing to the
    pipe whose number it finds as SCHEDULER_PULSE.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        listener: int | None = None,
        silence: float | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.listener = listener
        self.silence = silence
        self.process: subprocess.Popen[bytes] | None = None
        self.pulse = -1
        self.started = 0.0
        self.heard: float | None = None
        self.delay = 0.0

    def start(self) -> None:
        """Start the program, in a group of its own: Ctrl-C is for us, who stop it in our time."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        launcher = os.getpid()
        given = {"SCHEDULER_PULSE": writing}
        if self.listener is not None:
            given["SCHEDULER_LISTENER"] = self.listener
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, **{name: str(number) for name, number in given.items()}},
            pass_fds=list(given.values()),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with(launcher),
        )
        os.close(writing)
        if self.pulse >= 0:
            os.close(self.pulse)
        self.pulse = reading
        self.started = time.monotonic()
        self.heard = None

    def look_after(self) -> None:
        """Start the program again if it died, or kill it if it has been silent for too long."""
        now = time.monotonic()
        if self.process is None or self.process.poll() is not None:
            self.start_again(now)
        elif self.silence is not None:
            if self.shows_life():
                self.heard = now
            elif now > self.deadline(self.silence):
                print(f"The {self.name} shows no sign of life.", flush=True)
                self.kill()

    def start_again(self, now: float) -> None:
        """Start a program that died: at once, but ever later if it keeps dying."""
        lived = now - self.started
        if lived > STEADY_SECONDS + self.delay:
            self.delay = 0.0
        if lived >= self.delay:
            status = self.process.returncode if self.process else "none"
            print(f"The {self.name} ended (exit status {status}); starting it again.", flush=True)
            self.kill()
            self.delay = min(LONGEST_DELAY, self.delay * 2 or 1.0)
            self.start()

    def deadline(self, silence: float) -> float:
        """Until when it may be silent."""
        if self.heard is None:
            return self.started + max(FIRST_SIGN_SECONDS, silence)
        return self.heard + silence

    def shows_life(self) -> bool:
        """Whether something was written to the pipe since we last looked."""
        try:
            return bool(os.read(self.pulse, 65536))
        except BlockingIOError:
            return False

    def ask_to_stop(self) -> None:
        """Have the program finish what it does, and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End the program and its group at once, also one that is frozen."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop(children: Sequence[Child], *, patience: float) -> None:
    """Stop all; after `patience` seconds, or when somebody insists, at once."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + patience
    try:
        while time.monotonic() < deadline and any(is_running(child) for child in children):
            time.sleep(0.05)
    except Stopped:
        pass
    finally:
        for child in children:
            child.kill()


def is_running(child: Child) -> bool:
    """Whether the program has not ended yet."""
    return child.process is not None and child.process.poll() is None
