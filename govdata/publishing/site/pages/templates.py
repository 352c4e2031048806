"""The templates: ours, each of which a portal's own folder may replace, and errors that name file, line and variable."""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any

import jinja2
import jinja2.compiler
import jinja2.nodes
import jinja2.sandbox
from markupsafe import Markup

from govdata import content
from govdata.errors import PublishError
from govdata.publishing.site.pages.shipped import FOLDER
from govdata.publishing.site.pages.texts import show

_NAME = re.compile(r"'([^']+)' is undefined|(?:no attribute|no element) '?([^' ]+)'?")
_ERRORS = (
    *(jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError),
)  # fmt: skip
"""What a template can do wrong. It is compiled to Python, which has limits of its own."""


Words = tuple[tuple[str, Markup], ...]
"""Key and text of the words of the pages of one language that have no place to fill in."""


class _Environment(jinja2.Environment):
    """Our templates, compiled for the words of one language."""

    words: Mapping[str, Markup] = {}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What every template knows. The engine would look through two mappings in turn, and does so for every page twice."""
        return {**self.globals, **(d or {})}


class _Own(jinja2.sandbox.ImmutableSandboxedEnvironment, _Environment):
    """With a portal's own templates before ours. They are data too: they reach nothing but what they are given."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may use it. A path would open any file of this machine, and `page.setting` leads to the engine itself."""
        return not isinstance(obj, PurePath) and attr != "setting" and super().is_safe_attribute(obj, attr, value)


class _Files(jinja2.FileSystemLoader):
    """The templates of one folder. One that is no UTF-8 is named; the engine would name what includes it."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        """The text of a template, where it is, and whether it is still that."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise jinja2.TemplateSyntaxError(str(error), line, template, str(Path(self.searchpath[0], template))) from error


class _Generator(jinja2.compiler.CodeGenerator):
    """What is put into a page goes through `show`, which escapes it.

    The engine would escape the result once more, which does nothing and takes a third of the time. Where nothing keeps a template from
    what it is given, attributes, items and calls are Python's own; the engine would ask each time whether the name may be used, whether
    it is an item instead, and whether what is called wants to know what is around it. Words of `page.texts` stand in the compiled template.
    """

    environment: _Environment

    def visit_Getattr(self, node: Any, frame: Any) -> None:
        if self.environment.sandboxed:
            super().visit_Getattr(node, frame)
            return
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Getitem(self, node: Any, frame: Any) -> None:
        if self.environment.sandboxed or isinstance(node.arg, jinja2.nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.visit(node.node, frame)
        self.write("[")
        self.visit(node.arg, frame)
        self.write("]")

    def _output_child_to_const(self, node: Any, frame: Any, finalize: Any) -> str:
        match node:
            case jinja2.nodes.Getitem(node=jinja2.nodes.Getattr(node=of, attr="texts"), arg=jinja2.nodes.Const(value=key)):
                if isinstance(of, jinja2.nodes.Name) and of.name == "page" and key in self.environment.words:
                    return str(self.environment.words[key])
        return super()._output_child_to_const(node, frame, finalize)

    def visit_Call(self, node: Any, frame: Any, forward_caller: bool = False) -> None:
        is_plain = not (node.dyn_args or node.dyn_kwargs or any(keyword.iskeyword(each.key) for each in node.kwargs))
        if self.environment.sandboxed or forward_caller or not is_plain:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(")(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if not frame.eval_ctx.autoescape or frame.eval_ctx.volatile or finalize.src is None:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("(" + finalize.src)


@functools.lru_cache(maxsize=8)
def environment(own: Path | None, words: Words = ()) -> jinja2.Environment:
    """The templates of a portal, which stand before ours, in one language. `words`: what `page.texts` will be."""
    loaders = [_Files(str(folder), encoding="utf-8-sig") for folder in (own, content.root() / FOLDER) if folder]
    made = (_Environment if own is None else _Own)(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=show,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        keep_trailing_newline=True,
    )
    made.code_generator_class, made.words = _Generator, dict(words)
    # Each page asks for the templates that it extends and imports; the engine would ask its loader each time.
    made.get_template = functools.cache(made.get_template)  # type: ignore[method-assign]
    return made


def read(own: Path | None, name: str, words: Words = ()) -> jinja2.Template:
    """A template, compiled once."""
    try:
        return environment(own, words).get_template(name)
    except _ERRORS as error:
        mine = own / name if own is not None else None
        raise _refused(error, str(mine) if mine is not None and mine.is_file() else name) from error


def fill(template: jinja2.Template, variables: Mapping[str, Any]) -> str:
    """A template filled in."""
    try:
        return template.render(variables)
    except _ERRORS as error:
        raise _refused(error, template.filename or str(template.name)) from error


def names() -> tuple[str, ...]:
    """The templates that we ship."""
    return tuple(sorted(path.name for path in (content.root() / FOLDER).glob("*.html")))


def _refused(error: Exception, name: str) -> PublishError:
    file, line = _place(error, name)
    found = _NAME.search(str(error))
    variable = next(filter(None, found.groups()), "") if found else ""
    if isinstance(error, jinja2.TemplateNotFound):
        variable = ""
    what = " ".join(str(error).split()) or type(error).__name__
    return PublishError("site-template", file=file, line=line, variable=variable or "–", what=what)


def _place(error: Exception, name: str) -> tuple[str, int]:
    """File and line: of a syntax error it says so itself, of any other the last frame that is a template's."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.filename or error.name or name, error.lineno
    file, line = name, 1
    trace: TracebackType | None = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if code.co_filename.endswith(".html"):
            file, line = code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return file, line
