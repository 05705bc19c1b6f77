from django.urls import path

from members.people import provider_views

app_name = "people"
urlpatterns = [
    path("sign-in/", provider_views.provider_find, name="provider_find"),
    path("sign-in/<str:provider_id>/back/", provider_views.provider_back, name="provider_back"),
]
