from django.urls import path

from practices.editorial import history_views, review_views, views

app_name = "editorial"
urlpatterns = [
    path("write/", views.my_work, name="my_work"),
    path("write/new/", views.publication_create, name="publication_create"),
    path("publications/<int:pk>/revise/", views.publication_revise, name="publication_revise"),
    path("publications/<int:pk>/becomes-practice/", views.project_continue, name="project_continue"),
    path("publications/<int:pk>/responsible/", views.publication_assign, name="publication_assign"),
    path("publications/<int:pk>/history/", history_views.publication_history, name="publication_history"),
    path("publications/<int:pk>/history/<int:version>/", history_views.publication_version, name="publication_version"),
    path("publications/<int:pk>/history/<int:version>/restore/", history_views.version_restore, name="version_restore"),
    path("revisions/<int:pk>/presence/<slug:step>/", views.revision_presence, name="revision_presence"),
    path("revisions/<int:pk>/", views.revision_edit, name="revision_edit"),
    path("revisions/<int:pk>/submit/", views.revision_submit, name="revision_submit"),
    path("revisions/<int:pk>/withdraw/", views.revision_withdraw, name="revision_withdraw"),
    path("revisions/<int:pk>/review/", review_views.revision_review, name="revision_review"),
    path("revisions/<int:pk>/take/", review_views.revision_take, name="revision_take"),
    path("revisions/<int:pk>/<slug:step>/", views.revision_edit, name="revision_edit"),
    path("review/", review_views.queue, name="queue"),
]
