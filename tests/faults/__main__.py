"""`make faults`: the fault matrix. One JSON object a line; exit status 1 where anything is doubled or lost."""

import argparse
import json
import os
import sys
from pathlib import Path

import django

from config.embedded import Servers, fill_environment

PUBLICATIONS, NEWS = 500, 300  # of the network, and those that the digests tell of


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the short form, which runs inside `make test`")
    parser.add_argument("--only", help="the name of one fault")
    arguments = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # servers that may be stopped are this run's own
    folder = fill_environment(temporary=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()

    from django.core.management import call_command

    from config.kit.catalogues import compile_catalogues
    from exchange.bench.network import make_network, make_readers
    from tests.faults.matrix import MATRIX
    from tests.faults.world import world

    compile_catalogues()
    call_command("migrate", verbosity=0)
    faults = [one for one in MATRIX if (one.short or not arguments.short) and arguments.only in {None, one.name}]
    sizes = [one.short if arguments.short else (one.dose, one.readers) for one in faults]
    make_network(PUBLICATIONS)
    make_readers(max(readers for _, readers in sizes), news=NEWS)
    servers = Servers(Path(folder))
    good = True
    for fault, (dose, readers) in zip(faults, sizes, strict=True):
        with world(fault.name, dose, readers) as made:
            fault.act(made, servers)
            result = made.result(expected=readers * fault.digests_each)
        print(json.dumps(result.as_dict()), flush=True)
        good = good and result.is_good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
