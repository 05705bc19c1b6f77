from django.urls import path

from config.ops import views

app_name = "ops"
urlpatterns = [
    path("ops/health", views.Health.as_view(), name="health"),
    path("ops/metrics", views.metrics, name="metrics"),
]
