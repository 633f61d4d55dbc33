"""Form fields in templates: a label, the control, its hint and what is wrong with it."""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()

TICKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.filter
def control(field: BoundField, described_by: str = "") -> SafeString:
    """The field's widget, dressed by our stylesheet."""
    widget = field.field.widget
    attrs: dict[str, str | bool] = {}
    if described_by:
        attrs["aria-describedby"] = described_by
    if not isinstance(widget, TICKS):
        attrs["class"] = f"input {widget.attrs.get('class', '')}".strip()
    return field.as_widget(attrs=attrs)


@register.inclusion_tag("_field.html")
def field(field: BoundField, label: str = "", hint: str | None = None) -> dict[str, Any]:
    """`{% field form.email %}`; `label` and `hint` replace the field's own ("" for no hint)."""
    shown_hint = field.help_text if hint is None else hint
    parts = {"helptext": shown_hint, "error": field.errors}
    described_by = " ".join(f"{field.auto_id}_{part}" for part, there in parts.items() if there)
    return {
        "field": field,
        "label": label or field.label,
        "hint": shown_hint,
        "described_by": described_by,
    }


@register.inclusion_tag("_problems.html")
def problems(form: forms.BaseForm) -> dict[str, Any]:
    """`{% problems form %}`: what is wrong with the form as a whole."""
    return {"problems": form.non_field_errors()}
