"""The first person after a start does not wait for what could be done before."""

from django.template import Engine

from prep_platform.serve.service import warm_up


def test_the_templates_are_compiled_at_the_start() -> None:
    [loader] = Engine.get_default().template_loaders
    loader.reset()
    warm_up()
    assert {"lessons/editor.html", "partials/sprite.html"} <= set(loader.get_template_cache)
