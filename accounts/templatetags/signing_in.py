"""What the sign-in page offers beside the form."""

from allauth.account.adapter import get_adapter
from django import template

from accounts import demo

register = template.Library()

register.simple_tag(demo.demo_people, name="demo_people")


@register.simple_tag(takes_context=True)
def sign_up_is_open(context: template.Context) -> bool:
    """Whether strangers may make an account here."""
    return bool(get_adapter().is_open_for_signup(context["request"]))
