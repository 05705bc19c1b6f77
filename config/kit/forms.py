"""How forms are drawn."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws every form with the house's templates."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"
