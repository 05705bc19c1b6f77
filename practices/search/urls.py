from django.urls import path

from practices.search import views

app_name = "search"
urlpatterns = [
    path("publications/", views.publication_list, name="publication_list"),
    path("publications/map.json", views.publication_map, name="publication_map"),
    path("publications/suggestions/", views.suggest_publications, name="suggest_publications"),
]
