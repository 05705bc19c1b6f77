#!/usr/bin/env python
"""Talkoo's command line: `python manage.py help`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import fill_environment

    fill_environment(temporary=sys.argv[1:2] == ["demo"] and bool({"--check", "--screenshots"} & set(sys.argv)))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
