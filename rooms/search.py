"""Finding rooms: what people choose at the list."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from rooms.models import Amenity, Room, RoomQuerySet, Site


class RoomSearch(forms.Form):
    """The list's filters. What cannot be read is said beside its field, and does not filter."""

    q = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    site = forms.ModelChoiceField(
        label=_("Site"), queryset=Site.objects.none(), to_field_name="name", required=False
    )
    seats = forms.IntegerField(label=_("Seats"), required=False, min_value=1, max_value=100_000)
    amenities = forms.ModelMultipleChoiceField(
        label=_("With"), queryset=Amenity.objects.none(), to_field_name="name", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        count = Count("rooms", filter=Q(rooms__active=True))
        self.sites = Site.objects.annotate(room_count=count).order_by("name")
        offered = Amenity.objects.annotate(room_count=count).filter(room_count__gt=0)
        self.offered = offered.order_by("name")
        self.fields["site"].queryset = self.sites  # type: ignore[attr-defined]
        self.fields["amenities"].queryset = self.offered  # type: ignore[attr-defined]

    def found(self) -> RoomQuerySet:
        """The rooms that fit, in the order of the list."""
        rooms = self.named().with_details().order_by("site__name", "floor", "name", "pk")
        if seats := self.cleaned_data.get("seats"):
            rooms = rooms.seating(seats)
        return rooms.having(self.cleaned_data.get("amenities") or ())

    def named(self) -> RoomQuerySet:
        """The rooms of the site and name asked for, whatever they offer."""
        self.is_valid()
        rooms = Room.objects.all()
        for word in self.cleaned_data.get("q", "").split():
            rooms = rooms.filter(
                Q(name__icontains=word) | Q(code__icontains=word) | Q(floor__icontains=word)
            )
        if site := self.cleaned_data.get("site"):
            rooms = rooms.filter(site=site)
        return rooms
