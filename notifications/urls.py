"""Addresses of this app."""

from django.urls import path

from notifications.views import inbox

app_name = "notifications"
urlpatterns = [
    path("dev/mail/", inbox.inbox, name="inbox"),
    path("dev/mail/<uuid:uid>/", inbox.mail, name="mail"),
    path("dev/mail/<uuid:uid>/html/", inbox.mail_html, name="mail_html"),
    path("dev/mail/<uuid:uid>/source/", inbox.mail_source, name="mail_source"),
    path("dev/mail/<uuid:uid>/invite.ics", inbox.mail_calendar, name="mail_calendar"),
]
