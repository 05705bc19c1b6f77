from django.urls import path

from members.joining import desk_views, views

app_name = "joining"
urlpatterns = [
    path("apply/", views.start, name="start"),
    path("apply/mail/<str:token>/", views.mailed, name="mailed"),
    path("apply/<str:token>/", views.overview, name="overview"),
    path("apply/<str:token>/documents/", views.documents, name="documents"),
    path("apply/<str:token>/documents/<int:pk>/", views.document_download, name="document_download"),
    path("apply/<str:token>/documents/<int:pk>/remove/", views.document_remove, name="document_remove"),
    path("apply/<str:token>/application.pdf", views.form_document, name="form_document"),
    path("apply/<str:token>/submit/", views.submit, name="submit"),
    path("apply/<str:token>/withdraw/", views.withdraw, name="withdraw"),
    path("apply/<str:token>/<slug:step>/", views.step, name="step"),
    path("applications/", desk_views.application_list, name="application_list"),
    path("applications/<int:pk>/", desk_views.application_detail, name="application_detail"),
    path("applications/<int:pk>/documents/<int:document>/", desk_views.document, name="document"),
]
