"""Addresses of this app."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("dev/mail/", views.inbox, name="inbox"),
    path("dev/mail/<uuid:uid>/", views.mail, name="mail"),
    path("dev/mail/<uuid:uid>/html/", views.mail_html, name="mail_html"),
    path("dev/mail/<uuid:uid>/source/", views.mail_source, name="mail_source"),
    path("dev/mail/<uuid:uid>/invite.ics", views.mail_calendar, name="mail_calendar"),
]
