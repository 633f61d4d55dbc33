"""Addresses of this app."""

from django.urls import path

from notifications.feeds import feed
from notifications.views import feeds, inbox, wishes

app_name = "notifications"
urlpatterns = [
    path("feeds/<slug:token>/calendar.ics", feed, name="feed"),
    path("dev/mail/", inbox.inbox, name="inbox"),
    path("dev/mail/<uuid:uid>/", inbox.mail, name="mail"),
    path("dev/mail/<uuid:uid>/html/", inbox.mail_html, name="mail_html"),
    path("dev/mail/<uuid:uid>/source/", inbox.mail_source, name="mail_source"),
    path("dev/mail/<uuid:uid>/invite.ics", inbox.mail_calendar, name="mail_calendar"),
    path("settings/feeds/", feeds.feeds, name="feeds"),
    path("settings/feeds/mine/", feeds.subscribe, name="subscribe"),
    path("settings/feeds/rooms/<slug:code>/", feeds.subscribe, name="subscribe_room"),
    path("settings/feeds/<uuid:uid>/days/", feeds.change_days, name="feed_days"),
    path("settings/feeds/<uuid:uid>/renew/", feeds.renew, name="renew_feed"),
    path("settings/feeds/<uuid:uid>/revoke/", feeds.revoke, name="revoke_feed"),
    path("settings/notifications/", wishes.wishes, name="wishes"),
    path("settings/notifications/push/topic/", wishes.topic, name="topic"),
    path("settings/notifications/push/test/", wishes.trial, name="trial"),
    path("settings/notifications/<str:channel>/", wishes.contact, name="contact"),
    path("settings/notifications/<str:channel>/code/", wishes.code, name="code"),
    path(
        "settings/notifications/<str:channel>/remove/",
        wishes.remove_contact,
        name="remove_contact",
    ),
]
