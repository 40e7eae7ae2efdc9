"""Every page's context class and its template say the same; every template compiles in both languages."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields

import pytest
from jinja2 import meta, nodes

import web.pages
from locales.translator import LANGUAGES
from web.render import TEMPLATES, Page, environment

NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
FRAME = {"base.html", "macros.html"}


def pages() -> list[type[Page]]:
    """Every page of the application."""
    for module in pkgutil.iter_modules(web.pages.__path__, "web.pages."):
        importlib.import_module(module.name)
    waiting, found = [Page], []
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return [page for page in found if "template" in vars(page)]


def parts_of(name: str) -> Iterator[nodes.Template]:
    """The syntax of a template and of everything it takes in, but for the frame around every page."""
    env = environment("en")
    source, _, _ = env.loader.get_source(env, name) if env.loader else ("", None, None)
    tree = env.parse(source)
    yield tree
    for other in meta.find_referenced_templates(tree):
        if other is not None and other not in FRAME:
            yield from parts_of(other)


def asked_of_the_page(name: str) -> set[str]:
    """The attributes of `page` that a template looks at."""
    return {
        node.attr
        for tree in parts_of(name)
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "page"
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles(name: str, language: str) -> None:
    assert environment(language).get_template(name).name == name


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.__name__)
def test_a_page_gives_what_its_template_asks_for_and_nothing_else(page: type[Page]) -> None:
    common = {field.name for field in fields(Page)}
    own = {field.name for field in fields(page)} - common
    asked = asked_of_the_page(page.template)

    derived = {name for name in asked if hasattr(page, name)}  # properties
    assert asked - own - common - derived == set(), "the template asks for what the page has not"
    assert own - asked == set(), "the page gives what nobody looks at"


def test_every_template_is_a_page_or_part_of_one() -> None:
    used = {page.template for page in pages()}
    env = environment("en")
    for name in NAMES:
        source, _, _ = env.loader.get_source(env, name) if env.loader else ("", None, None)
        used |= {other for other in meta.find_referenced_templates(env.parse(source)) if other}

    assert set(NAMES) - used == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_template_holds_a_script_or_a_style(name: str) -> None:
    """The policy of every answer forbids them, so they would do nothing."""
    text = (TEMPLATES / name).read_text(encoding="utf-8").lower()

    assert "<style" not in text
    assert " style=" not in text
    assert " on" + "click=" not in text
    assert text.count("<script") == text.count("<script src=")
