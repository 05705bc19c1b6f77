"""The first page after sign-in: what waits, what is new, whom to talk to."""

from django.http import HttpResponse
from django.shortcuts import render

from exchange.home.queries import read_home
from members.accounts.requests import PersonRequest
from members.directory.rules import roles_of


def home(request: PersonRequest) -> HttpResponse:
    if not roles_of(request.user).in_network:
        return render(request, "exchange/home/no_place.html")
    return render(request, "exchange/home/home.html", read_home(request.user))
