"""Checkers for what ruff, mypy and the import contracts cannot say about our code."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("shared", "gateway", "services", "deploy", "tests", "benchmarks", "proofs")

MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 40

# A name that fits anything tells nobody where to look.
DRAWERS = frozenset(
    {"utils", "helpers", "helper", "common", "service", "manager", "constants", "base"}
    | {"util", "crud", "exceptions", "misc"}
)


@dataclass(frozen=True)
class Module:
    """One file of Python, by its path from the root."""

    path: PurePosixPath
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @property
    def in_member(self) -> bool:
        """Whether the file ships in a member, and is no test or program beside them."""
        return "src" in self.path.parts

    @property
    def in_service(self) -> bool:
        return self.in_member and self.path.parts[0] == "services"

    @property
    def is_migration(self) -> bool:
        return "versions" in self.path.parts


Lint = Callable[[Module], Iterator[str]]


def modules() -> Iterator[Module]:
    """Read all Python of the checkout."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT)
            if not any(part.startswith(".") or part == "build" for part in path.parts):
                yield Module(PurePosixPath(path.as_posix()), file.read_text(encoding="utf-8"))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _calls_method(module: Module, *names: str) -> Iterator[str]:
    for call in _calls(module.tree):
        if isinstance(call.func, ast.Attribute) and call.func.attr in names:
            yield f"{module.path}:{call.lineno} calls .{call.func.attr}()"


def long_files(module: Module) -> Iterator[str]:
    """A file is read in one sitting; a migration is kept as it was generated."""
    lines = module.text.count("\n")
    if lines > MAX_MODULE_LINES and not module.is_migration:
        yield f"{module.path} has {lines} lines, more than {MAX_MODULE_LINES}"


def long_functions(module: Module) -> Iterator[str]:
    """A function fits on a screen; a migration is kept as it was generated."""
    for function in _functions(module.tree):
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > MAX_FUNCTION_LINES and not module.is_migration:
            yield f"{module.path}:{function.lineno} {function.name} has {lines} lines"


def drawers(module: Module) -> Iterator[str]:
    """A module is called after the question it answers."""
    parts = (*module.path.parent.parts, module.path.stem)
    for drawer in DRAWERS.intersection(part.removeprefix("_") for part in parts):
        yield f"{module.path} is a drawer: {drawer!r} answers no question"


def undescribed_modules(module: Module) -> Iterator[str]:
    """A module begins with one sentence; a package's empty `__init__` has its README."""
    docstring = ast.get_docstring(module.tree)
    if docstring is None:
        if module.text.strip():
            yield f"{module.path} does not say what it is for"
    elif not docstring.split("\n\n")[0].rstrip().endswith((".", ":", "?")):
        yield f"{module.path} does not begin with a sentence"


def commits_in_services(module: Module) -> Iterator[str]:
    """The transaction of a request is committed in one place, before the answer is sent."""
    if module.in_service:
        yield from _calls_method(module, "commit")


def logged_exceptions(module: Module) -> Iterator[str]:
    """The message of an exception may hold what a person sent; its type and code are logged."""
    if not module.in_member:
        return
    yield from _calls_method(module, "print_exc", "format_exc")
    for call in _calls(module.tree):
        # A future's `.exception()` has no arguments; a log's has at least its event.
        if getattr(call.func, "attr", "") == "exception" and call.args:
            yield f"{module.path}:{call.lineno} logs an exception"
        for keyword in call.keywords:
            off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
            if keyword.arg in {"exc_info", "stack_info"} and not off:
                yield f"{module.path}:{call.lineno} logs with {keyword.arg}"


def slow_middleware(module: Module) -> Iterator[str]:
    """`BaseHTTPMiddleware` costs six times a pure ASGI layer; the route table sees no mounts."""
    if not module.in_member:
        return
    for node in ast.walk(module.tree):
        names = {getattr(node, "id", ""), getattr(node, "attr", "")}
        names |= {
            alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)
        }
        if "BaseHTTPMiddleware" in names:
            yield f"{module.path}:{getattr(node, 'lineno', 0)} uses BaseHTTPMiddleware"
    if module.path.parts[0] != "deploy":
        yield from _calls_method(module, "mount")


def _selected(call: ast.Call) -> Iterator[str]:
    """Name the tables that a `select(...)` or a `session.get(...)` reads."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "select" or (name == "get" and "session" in ast.unparse(call.func)):
        for argument in call.args:
            for node in ast.walk(argument):
                if isinstance(node, ast.Name) and node.id[:1].isupper():
                    yield node.id


def _is_gate(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    # Readers see what is theirs; a writer has to find what it writes, whoever may see it.
    return function.name.startswith(("_visible_to", "_writable_by"))


def guarded_tables(module: Module) -> set[str]:
    """Name what `_visible_to` of this module decides about."""
    gates = [one for one in _functions(module.tree) if one.name.startswith("_visible_to")]
    return {name for gate in gates for call in _calls(gate) for name in _selected(call)}


def reads_past_the_gate(module: Module) -> Iterator[str]:
    """A guarded table is read through `_visible_to` alone, so nobody can forget whose row it is."""
    guarded = guarded_tables(module)
    for function in _functions(module.tree):
        if guarded and not _is_gate(function):
            for call in _calls(function):
                for name in guarded.intersection(_selected(call)):
                    yield f"{module.path}:{call.lineno} {function.name} selects {name} itself"


ALL: tuple[Lint, ...] = (
    long_files,
    long_functions,
    drawers,
    undescribed_modules,
    commits_in_services,
    logged_exceptions,
    slow_middleware,
    reads_past_the_gate,
)
