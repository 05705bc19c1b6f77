from django.urls import path

from practices.upkeep import views

app_name = "upkeep"
urlpatterns = [
    path("still-true/<str:token>/", views.check_answer, name="check_answer"),
    path("publications/<int:pk>/still-true/", views.publication_confirm, name="publication_confirm"),
]
