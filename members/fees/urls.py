from django.urls import path, re_path

from members.fees import pricing_views, views

app_name = "fees"
urlpatterns = [
    path("fees/", views.invoice_list, name="invoice_list"),
    re_path(r"^fees/export\.(?P<kind>csv|xlsx)$", views.invoice_table, name="invoice_table"),
    path("fees/invoices/<int:pk>/", views.invoice_detail, name="invoice_detail"),
    path("fees/invoices/<int:pk>/invoice.pdf", views.invoice_document, name="invoice_document"),
    path("fees/invoices/<int:pk>/credit/", views.invoice_credit, name="invoice_credit"),
    path("fees/documents/<str:token>/", views.invoice_public, name="invoice_public"),
    path("fees/bank/", views.bank, name="bank"),
    path("fees/prices/", pricing_views.price_list, name="price_list"),
    path("fees/prices/schedules/add/", pricing_views.schedule_add, name="schedule_add"),
    path("fees/prices/schedules/<int:pk>/", pricing_views.schedule_edit, name="schedule_edit"),
    path("fees/prices/issuers/add/", pricing_views.issuer_add, name="issuer_add"),
    path("fees/prices/issuers/<int:pk>/", pricing_views.issuer_edit, name="issuer_edit"),
    path("fees/payments/<int:pk>/", views.payment_match, name="payment_match"),
    path("members/<slug:slug>/fees/", views.member_fees, name="member_fees"),
    path("members/<slug:slug>/fees/begin/", views.member_bill, name="member_bill"),
]
