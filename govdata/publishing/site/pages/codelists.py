"""Code lists as reference pages."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from govdata.classes import replace
from govdata.codes import Code, CodeList
from govdata.messages import chosen
from govdata.publishing.site import facets
from govdata.publishing.site.pages import places, texts
from govdata.publishing.site.pages.basis import basis, reference
from govdata.publishing.site.pages.frame import Link, Page, Setting, render
from govdata.publishing.site.pages.lists import Part, pager

CODES_PER_PAGE = 300
PLAIN = 60
"""Characters of all texts of a code, up to which none of them is cut."""


def code_pages(settings: Sequence[Setting]) -> Iterator[Part]:
    """The pages of all code lists, list by list: the codes of one are read once for all languages."""
    lists = settings[0].portal.code_lists
    told = [[identifier, found.count] for identifier, found in sorted(lists.items())]
    for setting in settings:
        yield reference(setting, "codes/index.html", functools.partial(_code_index, setting), told)
    for identifier in sorted(lists):
        count = lists[identifier].count
        last = -(-count // CODES_PER_PAGE) or 1
        # Of a large list the codes go with its pages: all that are shipped would take as much as thousands of datasets.
        found = replace(lists[identifier])
        for setting in settings:
            for number in range(1, last + 1):
                path = facets.page(places.code_list(identifier), number)
                yield reference(setting, path, functools.partial(_code_list, setting, found, number, last), count)


def _code_index(setting: Setting) -> bytes:
    page = Page(setting, "codes/index.html", setting.words.word("codes"), section="standards")
    found = sorted(setting.portal.code_lists.items())
    links = tuple(
        Link(page.label(each.title), page.own(f"{places.code_list(identifier)}/index.html"), f"{each.count:,}")
        for identifier, each in found
    )
    return render(page, "codes.html", {"lists": links})


def _code_list(setting: Setting, found: CodeList, number: int, last: int) -> bytes:
    folder = places.code_list(found.id)
    page = Page(setting, facets.page(folder, number), setting.label(found.title), section="standards")
    codes = _in_order(found)[(number - 1) * CODES_PER_PAGE : number * CODES_PER_PAGE]
    english = any(code.en for code in codes)
    parents = any(code.parent for code in codes)
    dated = any(code.valid_from or code.valid_until for code in codes)
    variables = {
        "crumbs": (page.anchor(page.texts["codes"], page.own("codes/index.html")),),
        "list": found,
        "basis": basis(found.declared.get("source", {}), setting.language),
        "licence": chosen(found.licence, setting.language),
        "doubts": tuple(chosen(doubt, setting.language) for doubt in found.unverified),
        "total": len(found.codes),
        "codes": codes,
        "rows": texts.safe("".join(_rows(codes, page, english, parents, dated))),
        "english": english,
        "parents": parents,
        "dated": dated,
        "pager": pager(page, folder, number, last),
    }
    return render(page, "code-list.html", variables)


@functools.lru_cache(maxsize=1)
def _in_order(found: CodeList) -> tuple[Code, ...]:
    """The codes of the list whose pages are being made."""
    return tuple(found.codes.values())


def _rows(codes: Sequence[Code], page: Page, english: bool, parents: bool, dated: bool) -> Iterator[str]:
    """Each code as a row of the table: there are tens of thousands, so their cells do not go through a template one by one."""
    in_english = '<td lang="en">' if page.language != "en" else "<td>"
    for code in codes:
        told = code.code + code.zh + code.en + code.parent + code.valid_from + code.valid_until
        if not page.setting.foreign and len(told) <= PLAIN and texts.is_safe(told):
            number, words, other, parent = code.code, code.zh, code.en, code.parent
        else:
            number, words, other = page.show(code.code, 60), page.said(code.zh, 200), page.said(code.en, 200)
            parent = page.show(code.parent, 60)
        row = f'<tr><th scope="row"><code>{number}</code></th><td>{words}</td>'
        if english:
            row += f"{in_english}{other}</td>"
        if parents:
            row += f"<td>{parent}</td>"
        if dated:
            between = "–" if code.valid_from or code.valid_until else ""
            row += f"<td>{page.show(code.valid_from)}{between}{page.show(code.valid_until)}</td>"
        yield f"{row}</tr>\n"
