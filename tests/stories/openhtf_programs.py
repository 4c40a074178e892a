"""Programs that run OpenHTF by itself and are killed, stopped or never end.

Each runs in a process of its own: ``python -m tests.stories.openhtf_programs NAME``.
What it says on stdout is the truth about its supply.
"""

from __future__ import annotations

import faulthandler
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

LONG_S = 30.0
DEADLOCK_S = 1.0


def say(text: str) -> None:
    """Write one line at once: the process may be gone the next moment."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def block(seconds: float) -> None:
    """Stand in a system call, as a driver does that waits for its instrument."""
    reader, _writer = os.pipe()
    select.select([reader], [], [], seconds)


def run(energised: Callable[[], None]) -> None:
    """Run a test whose main phase energises and whose teardown switches off."""
    import openhtf as htf
    from openhtf.util import console_output

    console_output.CLI_QUIET = True

    class Supply(htf.BasePlug):  # type: ignore[misc]
        def tearDown(self) -> None:
            say("plug: supply off")

    def main(test: Any, supply: Supply) -> None:
        say("supply on")
        energised()

    def teardown(test: Any) -> None:
        say("teardown: supply off")

    test = htf.Test(
        htf.PhaseGroup(main=[htf.plug(supply=Supply)(main)], teardown=[teardown])
    )
    test.add_output_callbacks(lambda record: say(f"record {record.outcome.name}"))
    test.execute(test_start=lambda: "x")


def stopped(name: str) -> None:
    """Receive one signal while the supply is on."""

    def energised() -> None:
        os.kill(os.getpid(), getattr(signal, name))
        block(LONG_S)

    run(energised)


def interrupted_twice() -> None:
    """Receive two Ctrl-C within a blocking call; say where the process stands."""

    def press_twice() -> None:
        for _ in range(2):
            threading.Event().wait(0.3)  # the phase stands in its call by then
            os.kill(os.getpid(), signal.SIGINT)
        faulthandler.dump_traceback_later(DEADLOCK_S, exit=True)

    def energised() -> None:
        threading.Thread(target=press_twice, daemon=True).start()
        block(LONG_S)

    run(energised)


def timed_out() -> None:
    """Let a phase time out in a blocking call; its `finally` comes afterwards.

    OpenHTF looks every three seconds; here it looks more often, for the test's sake.
    """
    from openhtf.core import phase_executor

    phase_executor._JOIN_TRY_INTERVAL_SECONDS = 0.05
    import openhtf as htf

    over = threading.Event()

    @htf.PhaseOptions(timeout_s=0.05)  # type: ignore[untyped-decorator]
    def main(test: Any) -> None:
        try:
            say("supply on")
            block(0.4)
        finally:
            say("zombie: supply on")
            over.set()

    def teardown(test: Any) -> None:
        say("teardown: supply off")

    test = htf.Test(htf.PhaseGroup(main=[main], teardown=[teardown]))
    test.execute(test_start=lambda: "x")
    over.wait(LONG_S)


def default_timeout() -> None:
    """Set OpenHTF's own option for the time-out of every phase."""
    sys.argv[1:] = ["--phase_default_timeout_s", "5"]
    import openhtf as htf

    def main(test: Any) -> None:
        say("phase ran")

    def teardown(test: Any) -> None:
        say("teardown: supply off")

    test = htf.Test(htf.PhaseGroup(main=[main], teardown=[teardown]))
    test.add_output_callbacks(lambda record: say(f"record {record.outcome.name}"))
    say(f"said {test.execute()}")


def three_at_once() -> None:
    """Run three tests in one process and press Ctrl-C once."""
    import openhtf as htf

    running = threading.Barrier(4)
    go_on = threading.Event()

    def main(test: Any) -> None:
        running.wait()
        while not go_on.is_set():
            block(0.2)  # long enough for a test that was stopped to be forgotten

    def execute(test: Any) -> None:
        test.add_output_callbacks(lambda record: say(f"record {record.outcome.name}"))
        test.execute(test_start=lambda: "x")

    tests = [htf.Test(main) for _ in range(3)]
    threads = [threading.Thread(target=execute, args=(test,)) for test in tests]
    for thread in threads:
        thread.start()
    running.wait()
    try:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(2.0)
    except (KeyboardInterrupt, RuntimeError) as error:
        say(f"main thread: {type(error).__name__}")
    go_on.set()
    for thread in threads:
        thread.join()


def web_gui() -> None:
    """Bind the port of OpenHTF's web pages; say to which addresses."""
    from openhtf.output.servers import web_gui_server

    sockets, _port = web_gui_server.bind_port(0)
    for one in sockets:
        say(f"bound {one.getsockname()[0]}")
        one.close()


def station_run(store: str) -> None:
    """Run the station's command line; say what it bound and what it imported."""

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.bind":
            say(f"bound {arguments[1]}")

    sys.addaudithook(hear)
    from station.__main__ import main as station

    options = ["--serial", "WE-4K4P-26-47-0001", "--store", store]
    say(f"exit {station(['run', 'identity', *options])}")
    for name in ("openhtf.output", "openhtf.util.test", "tornado"):
        loaded = sorted(m for m in sys.modules if m.startswith(name))
        say(f"loaded {name}: {loaded}")


PROGRAMS: dict[str, Callable[[], None]] = {
    "SIGTERM": lambda: stopped("SIGTERM"),
    "SIGHUP": lambda: stopped("SIGHUP"),
    "SIGKILL": lambda: stopped("SIGKILL"),
    "SIGINT twice": interrupted_twice,
    "time-out": timed_out,
    "default time-out": default_timeout,
    "three at once": three_at_once,
    "web pages": web_gui,
}


def main(arguments: Sequence[str]) -> None:
    """Run one program by its name."""
    del sys.argv[1:]
    name, *more = arguments
    if name == "station":
        station_run(*more)
    else:
        PROGRAMS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
