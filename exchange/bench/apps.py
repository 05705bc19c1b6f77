from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "exchange.bench"
    label = "bench"
