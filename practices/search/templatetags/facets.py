"""Options of facets. There are hundreds in a list, which a template's loops take five times as long to write."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from config.kit.templatetags.kit import number
from practices.search.filters import Facet

register = template.Library()
_OPTION = (
    '<li><label class="check"><input type="checkbox" name="{0}" value="{1}" id="{0}-{1}"{2}> <span>{3}</span>'
    ' <span class="meta">{4}</span></label></li>'
)
_CHECKED = mark_safe(" checked")


@register.simple_tag
def facet_options(facet: Facet) -> SafeString:
    """Write a check box for each option, and how many there are."""
    return format_html_join(
        "\n",
        _OPTION,
        (
            (facet.name, one.value, _CHECKED if one.selected else "", one.label, number(one.count))
            for one in facet.options
        ),
    )
