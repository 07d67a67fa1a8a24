"""What the import contracts cannot say, each checker seen to catch what it is for."""

from pathlib import PurePosixPath

import grimp
import pytest

from tests import lints
from tests.lints import ROOT, Lint, Module

MEMBERS = {
    "komuna_shared": "shared",
    "komuna_gateway": "gateway",
    "komuna_registry": "services/registry",
    "komuna_indicators": "services/indicators",
    "komuna_referrals": "services/referrals",
    "komuna_deploy": "deploy",
}
FEATURE = "services/registry/src/komuna_registry/offices"

# What tests of all members use, and the protocol that every web process is started with.
USED_WITHOUT_IMPORT = {"komuna_shared.testing", "komuna_shared.server"}

COUNTS_PAST_THE_GATE = """
def _visible_to(caller):
    return select(Office).where(Office.own)

def count_offices(caller):
    return select(func.count(Office.id))
"""
GETS_PAST_THE_GATE = """
def _visible_to(caller):
    return select(Office)

async def get_office(session, office_id):
    return await session.get(Office, office_id)
"""
COUNTS_THROUGH_THE_GATE = """
def _visible_to(caller):
    return select(Office)

def count_offices(caller):
    return _visible_to(caller).with_only_columns(func.count())

def list_posts():
    return select(Post)
"""

BAD: list[tuple[Lint, str, str]] = [
    (lints.long_files, "shared/src/komuna_shared/a.py", "x = 1\n" * 251),
    (lints.long_functions, "tests/test_a.py", "def f():\n" + "    x = 1\n" * 40),
    (lints.drawers, "gateway/src/komuna_gateway/utils.py", ""),
    (lints.drawers, "gateway/src/komuna_gateway/common/tables.py", ""),
    (lints.undescribed_modules, "deploy/src/komuna_deploy/a.py", "import os\n"),
    (lints.undescribed_modules, "deploy/src/komuna_deploy/a.py", '"""Things"""\n'),
    (lints.commits_in_services, f"{FEATURE}/operations.py", "await session.commit()\n"),
    (lints.logged_exceptions, f"{FEATURE}/jobs.py", "log.exception('failed')\n"),
    (lints.logged_exceptions, f"{FEATURE}/jobs.py", "log.error('failed', exc_info=error)\n"),
    (
        lints.slow_middleware,
        "gateway/src/komuna_gateway/a.py",
        "from starlette.middleware.base import BaseHTTPMiddleware\n",
    ),
    (
        lints.slow_middleware,
        "shared/src/komuna_shared/app.py",
        "import starlette\nclass A(starlette.middleware.base.BaseHTTPMiddleware): ...\n",
    ),
    (lints.slow_middleware, "shared/src/komuna_shared/app.py", "api.mount('/a', b)\n"),
    (lints.reads_past_the_gate, f"{FEATURE}/queries.py", COUNTS_PAST_THE_GATE),
    (lints.reads_past_the_gate, f"{FEATURE}/queries.py", GETS_PAST_THE_GATE),
]
GOOD: list[tuple[Lint, str, str]] = [
    (lints.long_files, "shared/src/komuna_shared/a.py", "x = 1\n" * 250),
    (lints.long_functions, "tests/test_a.py", "def f():\n" + "    x = 1\n" * 39),
    (lints.drawers, f"{FEATURE}/holders.py", ""),
    (lints.undescribed_modules, f"{FEATURE}/__init__.py", ""),
    (lints.undescribed_modules, f"{FEATURE}/rules.py", '"""When an office ends."""\n'),
    (lints.commits_in_services, "shared/src/komuna_shared/database.py", "session.commit()\n"),
    (lints.logged_exceptions, f"{FEATURE}/jobs.py", "log.error('failed', exc_info=False)\n"),
    (lints.logged_exceptions, f"{FEATURE}/jobs.py", "error = task.exception()\n"),
    (lints.reads_past_the_gate, f"{FEATURE}/queries.py", COUNTS_THROUGH_THE_GATE),
]


@pytest.mark.parametrize(("lint", "path", "text"), BAD)
def test_a_checker_catches_what_it_is_for(lint: Lint, path: str, text: str) -> None:
    assert list(lint(Module(PurePosixPath(path), text)))


@pytest.mark.parametrize(("lint", "path", "text"), GOOD)
def test_a_checker_leaves_alone_what_is_right(lint: Lint, path: str, text: str) -> None:
    assert not list(lint(Module(PurePosixPath(path), text)))


def test_every_checker_was_seen_to_catch_something() -> None:
    assert {lint for lint, _, _ in BAD} == set(lints.ALL)


@pytest.mark.parametrize("lint", lints.ALL, ids=lambda lint: str(lint.__name__))
def test_our_code_is_clean(lint: Lint) -> None:
    assert [finding for module in lints.modules() for finding in lint(module)] == []


def users_of_shared(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    """Say of each module of `komuna_shared` which members reach it, directly or through others."""
    members = set(MEMBERS) - {"komuna_shared"}
    return {
        module: {user.split(".")[0] for user in graph.find_downstream_modules(module)} & members
        for module in graph.find_descendants("komuna_shared")
    }


def test_shared_holds_what_two_members_use() -> None:
    users = users_of_shared(grimp.build_graph(*MEMBERS))
    lonely = {module for module, found in users.items() if len(found) < 2}

    assert lonely - USED_WITHOUT_IMPORT == set()


def test_shared_stays_within_its_bound() -> None:
    """docs/decisions/0014-size-of-the-shared-library.md"""
    sources = (ROOT / "shared" / "src").rglob("*.py")

    assert sum(file.read_text(encoding="utf-8").count("\n") for file in sources) <= 7_200


def test_a_module_that_one_member_uses_is_found() -> None:
    graph = grimp.ImportGraph()
    for module in ("komuna_shared", "komuna_shared.http", "komuna_shared.tree"):
        graph.add_module(module)
    graph.add_import(importer="komuna_gateway.proxy", imported="komuna_shared.http")
    graph.add_import(importer="komuna_registry.main", imported="komuna_shared.http")
    graph.add_import(importer="komuna_registry.main", imported="komuna_shared.tree")

    assert {module: len(users) for module, users in users_of_shared(graph).items()} == {
        "komuna_shared.http": 2,
        "komuna_shared.tree": 1,
    }


@pytest.mark.parametrize("folder", MEMBERS.values())
def test_a_member_says_on_one_screen_what_it_is(folder: str) -> None:
    readme = (ROOT / folder / "README.md").read_text(encoding="utf-8")

    assert readme.startswith("# ")
    assert 5 <= readme.count("\n") <= 60
