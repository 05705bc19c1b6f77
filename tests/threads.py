"""Two things at once."""

import threading

from django.db import connections


def at_once(*acts):
    """Run functions in threads that start together; return what each gave or raised, in order."""
    found = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(number, act):
        try:
            barrier.wait(10)
            found[number] = act()
        except Exception as error:  # noqa: BLE001 - is what the test looks at
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def raised_at_once(*acts):
    """Return the names of the exceptions that `acts` raised when they ran at the same time."""
    return [type(one).__name__ for one in at_once(*acts) if isinstance(one, Exception)]
