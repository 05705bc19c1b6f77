from django.urls import path

from members.people import data_views, provider_views, views

app_name = "people"
urlpatterns = [
    path("people/<int:pk>/", views.person_detail, name="person_detail"),
    path("people/<int:pk>/address/", views.person_address, name="person_address"),
    path("people/<int:pk>/account/", data_views.account_detail, name="account_detail"),
    path("people/<int:pk>/account/end-sessions/", data_views.account_end_sessions, name="account_end_sessions"),
    path("people/<int:pk>/account/erase/", data_views.account_erase, name="account_erase"),
    path("profile/data/", data_views.own_data, name="own_data"),
    path("profile/erase/", data_views.own_erasure, name="own_erasure"),
    path("personal-data/", data_views.event_list, name="event_list"),
    path("roles/<int:pk>/", views.role_detail, name="role_detail"),
    path("roles/<int:pk>/set/", views.role_set, name="role_set"),
    path("roles/<int:pk>/move/", views.role_move, name="role_move"),
    path("roles/<int:pk>/remove/", views.role_remove, name="role_remove"),
    path("join/", views.join, name="join"),
    path("join/<int:pk>/", views.request_detail, name="request_detail"),
    path("join/<int:pk>/approve/", views.request_approve, name="request_approve"),
    path("join/<int:pk>/decline/", views.request_decline, name="request_decline"),
    path("join/<int:pk>/withdraw/", views.request_withdraw, name="request_withdraw"),
    path("sign-in/", provider_views.provider_find, name="provider_find"),
    path("sign-in/<str:provider_id>/back/", provider_views.provider_back, name="provider_back"),
]
