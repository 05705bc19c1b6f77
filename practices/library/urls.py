from django.urls import path

from practices.library import file_views, views

app_name = "library"
urlpatterns = [
    path("publications/<int:pk>/", views.publication_detail, name="publication_detail"),
    path("publications/<int:pk>/archive/", views.publication_archive, name="publication_archive"),
    path("publications/<int:pk>/restore/", views.publication_restore, name="publication_restore"),
    path("files/<int:pk>/", file_views.file_download, name="file_download"),
]
