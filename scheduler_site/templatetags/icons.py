"""Icons in templates."""

from functools import cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """The Lucide drawing `name` as inline SVG; the word beside it (or `.unseen`) is its name."""
    drawing = lucide(name, size=16, stroke_width=1.5, aria_hidden="true", **{"class": "icon"})
    return mark_safe(drawing)
