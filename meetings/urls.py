"""Addresses of this app."""

from django.urls import path, re_path

from meetings.views import (
    calendar,
    cancel,
    find,
    findoffers,
    form,
    invitations,
    live,
    meeting,
    people,
    proposals,
    propose,
    rsvp,
    series,
    undo,
)

app_name = "meetings"
urlpatterns = [
    path("", calendar.calendar, name="calendar"),
    re_path(
        r"^calendar/(?P<view>day|week)/(?P<day>\d{4}-\d\d-\d\d)/$",
        calendar.calendar,
        name="calendar_at",
    ),
    path("meetings/new/", form.new, name="new"),
    path("meetings/new/live/", live.new_live, name="new_live"),
    path("meetings/<uuid:uid>/edit/", form.edit, name="edit"),
    path("meetings/<uuid:uid>/edit/live/", live.edit_live, name="edit_live"),
    path("meetings/<uuid:uid>/series/", series.series, name="series"),
    path("meetings/<uuid:uid>/cancel/", cancel.cancel, name="cancel"),
    path("meetings/<uuid:uid>/end/", cancel.end, name="end"),
    path("changes/<int:number>/undo/", undo.undo, name="undo"),
    path("find-a-time/", find.find, name="find"),
    path("find-a-time/offers/", findoffers.offers, name="find_offers"),
    path("people/", people.people, name="people"),
    path("meetings/<uuid:uid>/", meeting.meeting, name="meeting"),
    path("meetings/<uuid:uid>/meeting.ics", meeting.meeting_calendar, name="meeting_calendar"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<uuid:uid>/answer/", invitations.answer, name="answer"),
    path("invitations/<uuid:uid>/propose/", propose.propose, name="propose"),
    path("proposals/<uuid:uid>/answer/", proposals.answer, name="answer_proposal"),
    path("invitations/<uuid:uid>/send/", meeting.send_again, name="send_again"),
    path("rsvp/<str:token>/", rsvp.rsvp, name="rsvp"),
    path("rsvp/<str:token>/propose/", propose.rsvp_propose, name="rsvp_propose"),
    path("rsvp/<str:token>/meeting.ics", rsvp.rsvp_calendar, name="rsvp_calendar"),
]
