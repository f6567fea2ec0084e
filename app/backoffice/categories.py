"""Categories: the shelves that shoppers walk along."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import make_response, request
from flask_admin import expose

from app.backoffice import forms
from app.backoffice.forms import Wrong
from app.backoffice.page import ADMINS, Page, done
from app.core.db import transaction
from app.merchandising import products
from app.merchandising.errors import CategoryTaken
from app.merchandising.schemas import CategoryChangeSchema, NewCategorySchema


class Categories(Page):
    """Categories."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {"index": ADMINS, "make": ADMINS, "change": ADMINS}

    @expose("/")
    def index(self) -> Any:
        """List them, each with its form."""
        return self._show({"position": "0"}, {}, of=None)

    @expose("/make", methods=("POST",))
    def make(self) -> Any:
        """Make one."""
        wrong = Wrong()
        values = wrong.load(NewCategorySchema(), _read("name", "slug"))
        if not wrong:
            try:
                made = products.create_category(values)
            except CategoryTaken as problem:
                wrong.take(problem, "slug")
            else:
                return done(f"{made.name} is made.", "categories.index")
        return make_response(self._show(request.form, wrong, of=None), 422)

    @expose("/<slug:slug>/change", methods=("POST",))
    def change(self, slug: str) -> Any:
        """Rename one, or move it among the others; its address stays."""
        wrong = Wrong()
        values = wrong.load(CategoryChangeSchema(), _read("name"))
        if wrong:
            return make_response(self._show(request.form, wrong, of=slug), 422)
        changed = products.change_category(slug, values)
        return done(f"{changed.name} is as you wrote.", "categories.index")

    def _show(self, values: Mapping[str, str], wrong: Mapping[str, str], *, of: str | None) -> str:
        with transaction() as session:
            found = products.categories(session).values()
        shelves = sorted(found, key=lambda one: (one.position, one.name))
        return self.render(
            "backoffice/categories.html", shelves=shelves, values=values, wrong=wrong, of=of
        )


def _read(*names: str) -> dict[str, Any]:
    words = {name: request.form.get(name, "").strip() for name in names}
    return words | {"position": forms.whole("position")}
