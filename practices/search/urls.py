from django.urls import path

from practices.search import saved_views, views

app_name = "search"
urlpatterns = [
    path("publications/", views.publication_list, name="publication_list"),
    path("publications/map.json", views.publication_map, name="publication_map"),
    path("publications/suggestions/", views.suggest_publications, name="suggest_publications"),
    path("searches/", saved_views.saved_list, name="saved_list"),
    path("searches/new/", saved_views.saved_new, name="saved_new"),
    path("searches/<int:pk>/", saved_views.saved_edit, name="saved_edit"),
    path("searches/<int:pk>/delete/", saved_views.saved_delete, name="saved_delete"),
]
