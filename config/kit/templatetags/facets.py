"""Options of facets. There are hundreds in a list, which a template's loops take five times as long to write."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from config.kit.facets import Facet
from config.kit.templatetags.kit import number

register = template.Library()
_OPTION = (
    '<li><label class="check"><input type="checkbox" name="{0}" value="{1}" id="{0}-{1}"{2}> <span>{3}</span>'
    ' <span class="meta">{4}</span></label></li>'
)


@register.simple_tag
def facet_options(facet: Facet) -> SafeString:
    """Write a check box for each option, and how many there are."""
    name = escape(facet.name)
    options = (
        _OPTION.format(
            name, escape(one.value), " checked" if one.selected else "", escape(one.label), escape(number(one.count))
        )
        for one in facet.options
    )
    return mark_safe("\n".join(options))  # noqa: S308 - everything in it was escaped
