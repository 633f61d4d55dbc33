"""Filters of the administration's lists."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rooms.models import Closure, Room

SEATS = (2, 4, 8, 12, 20, 50)


class SeatsFilter(admin.SimpleListFilter):
    """Rooms by how many seats they have at least."""

    title = gettext_lazy("seats")
    parameter_name = "seats"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(seats), _("at least %(seats)d") % {"seats": seats}) for seats in SEATS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> Any:
        for seats in SEATS:
            if self.value() == str(seats):
                return queryset.filter(capacity__gte=seats)
        return queryset


class WhenFilter(admin.SimpleListFilter):
    """Closures that are over, that hold now, that come."""

    title = gettext_lazy("time")
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("shut now")), ("coming", _("coming")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Closure]) -> QuerySet[Closure]:
        at = now()
        if self.value() == "now":
            return queryset.filter(during__contains=at)
        if self.value() == "coming":
            return queryset.filter(during__startswith__gt=at)
        if self.value() == "over":
            return queryset.filter(during__endswith__lte=at)
        return queryset
