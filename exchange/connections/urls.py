from django.urls import path

from exchange.connections import views

app_name = "connections"
urlpatterns = [
    path("connections/", views.connection_list, name="connection_list"),
    path("connections/<int:pk>/accept/", views.connection_accept, name="connection_accept"),
    path("connections/<int:pk>/decline/", views.connection_decline, name="connection_decline"),
    path("connections/<int:pk>/withdraw/", views.connection_withdraw, name="connection_withdraw"),
    path("connections/<int:pk>/remove/", views.connection_remove, name="connection_remove"),
    path("connections/mail/", views.change_leave, name="change_leave"),
    path("connections/leave/<str:token>/", views.leave, name="leave"),
    path("people/<int:pk>/connect/", views.request_create, name="request_create"),
    path("people/<int:pk>/block/", views.person_block, name="person_block"),
    path("people/<int:pk>/unblock/", views.person_unblock, name="person_unblock"),
]
