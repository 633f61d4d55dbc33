"""Addresses of this app."""

from django.urls import path

from rooms.views import listing, room

app_name = "rooms"
urlpatterns = [
    path("", listing.room_list, name="list"),
    path("<slug:code>/", room.room, name="room"),
]
