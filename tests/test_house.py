"""The house stays a house: imports point down, start-up loads little, files stay small."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "nodeport_lint"
BENCHMARKS = PACKAGE.parent / "benchmarks"
TESTS = PACKAGE.parent / "tests"

LAYERS = [
    {"cli"},
    {"rulebook"},
    {"linter"},
    {"reading", "formats"},
    {"checks", "suppress"},
    {"clusters"},
    {"registry"},
    {"helm", "kustomize"},
    {"engines"},
    {"manifests", "provenance"},
    {"tree"},
    {"config", "data"},
    {"yamltext", "patterns", "ports"},
    {"model"},
    {"expressions"},
]
"""From the top down. A room may import rooms of lower lines only; rooms on one line do not see each other."""


def rooms() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room not in ("__init__", "__main__"):
            found.setdefault(room, []).append(path)
    return found


def imports(path: Path) -> set[str]:
    """The rooms that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules = [node.module or ""]
            if node.module == "nodeport_lint":
                modules = [f"nodeport_lint.{alias.name}" for alias in node.names]
        found |= {module.split(".")[1] for module in modules if module.startswith("nodeport_lint.")}
    return found - {"__version__", "HOME"}


def test_every_room_has_a_layer() -> None:
    assert set(rooms()) == set().union(*LAYERS)


def test_imports_point_down() -> None:
    level = {room: index for index, layer in enumerate(LAYERS) for room in layer}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {other}"
        for room, paths in rooms().items()
        for path in paths
        for other in imports(path)
        if other != room and level[other] <= level[room]
    ]
    assert wrong == []


def test_start_up_loads_nothing_heavy() -> None:
    heavy = ["ruamel", "_ruamel_yaml", "jsonpath_ng", "pathspec", "importlib.metadata", "asyncio", "subprocess",
             "nodeport_lint.linter", "nodeport_lint.checks", "nodeport_lint.formats.words"]  # fmt: skip
    code = "import sys, nodeport_lint.cli; print(' '.join(sys.modules))"
    bare = "import sys, click; print(' '.join(sys.modules))"
    loaded, floor = (
        set(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split())
        for text in (code, bare)
    )
    assert [name for name in heavy if name in loaded - floor] == []


NOT_BY_AN_EMPTY_RUN = [
    "_ruamel_yaml", "asyncio", "difflib", "hashlib", "importlib.metadata", "json", "jsonpath_ng", "markdown_it", "pathlib",
    "pathspec", "ruamel", "string", "subprocess", "tempfile", "traceback", "nodeport_lint.checks",
    "nodeport_lint.clusters.evidence", "nodeport_lint.clusters.judge", "nodeport_lint.engines", "nodeport_lint.helm",
    "nodeport_lint.kustomize.reader", "nodeport_lint.kustomize.references", "nodeport_lint.provenance",
    "nodeport_lint.registry.allocation", "nodeport_lint.registry.markdown", "nodeport_lint.registry.owners",
    "nodeport_lint.registry.rows", "nodeport_lint.rulebook.trial", "nodeport_lint.suppress",
]  # fmt: skip
"""Modules, with all that is in them, that only what is found can need."""
MOST_BY_AN_EMPTY_RUN = 85
"""Modules beside those of click; each takes a quarter of a millisecond, and a noun another one."""


def loaded_by_a_run(root: Path) -> set[str]:
    """What a check of ``root`` that finds nothing loads, without what click does."""
    code = (
        "import sys, click\nbefore = set(sys.modules)\nfrom nodeport_lint import cli\n"
        "sys.argv = ['nodeport-lint', 'check', sys.argv[1]]\n"
        "try:\n    cli.main()\nexcept SystemExit as end:\n    print(end.code, *sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True)
    status, *modules = run.stdout.splitlines()[-1].split()
    assert status == "0"
    return set(modules)


def test_a_run_that_finds_nothing_loads_little(tmp_path: Path) -> None:
    loaded = loaded_by_a_run(tmp_path)
    heavy = [name for name in loaded for bad in NOT_BY_AN_EMPTY_RUN if name == bad or name.startswith(f"{bad}.")]
    assert heavy == []
    assert len(loaded) <= MOST_BY_AN_EMPTY_RUN


def test_a_run_without_such_pages_does_not_load_jsonpath(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
    modules = loaded_by_a_run(tmp_path)
    assert "ruamel.yaml" in modules
    assert [name for name in modules if name.startswith(("jsonpath_ng", "importlib.metadata", "pathspec"))] == []


def test_no_module_compiles_an_expression_when_it_is_loaded() -> None:
    """``expressions.expression`` does it when one is first used; what stands in a function is no matter here."""
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in outside_of_functions(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "re"
        if node.attr in ("compile", "match", "search", "fullmatch", "sub", "split", "findall")
    ]
    assert wrong == []


def outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    for below in ast.iter_child_nodes(node):
        if not isinstance(below, ast.FunctionDef | ast.Lambda):
            yield below
            yield from outside_of_functions(below)


def test_files_and_functions_stay_small() -> None:
    too_long = []
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 400:
            too_long.append(f"{path.name}: a file over 400 lines")
        too_long += [
            f"{path.name}: {node.name} is over 50 lines"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 50
        ]
    assert too_long == []


def test_no_two_functions_do_the_same() -> None:
    """Functions of modules, compared by what they do: whatever they are called, and whatever is said of them."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                does = ast.dump(ast.Module(body, []))
                if len(does) > 200:
                    found[ast.dump(node.args) + does].append(f"{path.relative_to(PACKAGE)}: {node.name}")
    assert [names for names in found.values() if len(names) > 1] == []


def test_expressions_mean_the_same_in_every_python() -> None:
    """Up to Python 3.11.4 (Debian 12 has 3.11.2) a possessive repetition of a group keeps the beginning of a turn that
    fails: an atomic group says the same."""
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        for text in [node.value if isinstance(node.value, str) else node.value.decode("latin-1")]
        if re.search(r"\)(?:[*+?]|\{[0-9,]+\})\+", text)
    ]
    assert wrong == []


def test_what_benchmarks_import_is_there() -> None:
    wrong = [
        f"{path.name}: {node.module}.{alias.name}"
        for path in sorted(BENCHMARKS.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nodeport_lint")
        for alias in node.names
        if not is_there(node.module or "", alias.name)
    ]
    assert wrong == []


def is_there(module: str, name: str) -> bool:
    """Whether a module has a name, or a module of that name."""
    place = PACKAGE.parent / module.replace(".", "/") / name
    return place.exists() or place.with_suffix(".py").exists() or hasattr(importlib.import_module(module), name)


# --- tests ----------------------------------------------------------------------------------------

OF_ALL_ROOMS = {
    "test_deadline.py", "test_documents.py", "test_fixtures.py", "test_growth.py", "test_house.py", "test_packaging.py",
}  # fmt: skip
"""Tests of what no room has alone. ``tests/kubernetes`` is the judgement of a cluster on all of it, ``tests/fuzz`` what
holds for any input."""


def test_tests_lie_in_rooms() -> None:
    directories = {path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py")}
    assert directories - {".", "kubernetes", "fuzz"} <= rooms().keys()
    assert {path.name for path in TESTS.glob("test_*.py")} == OF_ALL_ROOMS


def test_no_test_imports_another() -> None:
    """What two of them need is built in ``tests/make.py``, or in a module beside them that is no test."""
    wrong = [
        f"{path.relative_to(TESTS.parent)} imports {name}"
        for path in (*sorted(TESTS.rglob("*.py")), *sorted(BENCHMARKS.glob("*.py")))
        for name in modules_of(path)
        if name.startswith(("tests.", "."))
        for part in name.split(".")
        if part.startswith("test_") or part == "conftest"
    ]
    assert wrong == []


def test_no_test_measures_time() -> None:
    """A busy machine must not fail one: work is counted (``tests/counting.py``), and what has no end is cut."""
    wrong = [
        f"{path.relative_to(TESTS.parent)} uses {name}"
        for path in sorted(TESTS.rglob("*.py"))
        for name in (*modules_of(path), *attributes_in(path))
        if name.startswith(("time.", "timeit")) and name != "time.sleep"
    ]
    assert wrong == []


def attributes_in(path: Path) -> Iterator[str]:
    """Every ``module.name`` of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def modules_of(path: Path) -> Iterator[str]:
    """Everything that a file may import: modules, and the names that are taken from them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)
