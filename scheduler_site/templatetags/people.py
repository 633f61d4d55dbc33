"""People in templates."""

from django import template

register = template.Library()


@register.filter
def initials(name: object) -> str:
    """`AB` for `Ana Berger`: the first letters of the first and the last word."""
    words = str(name).partition("@")[0].split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
