"""The text of a Python module to its mutants, each one change of it, and to a text that tells which statements run.

Used by mutants.py. A place in the syntax tree decides what may change, and the change is made in the text, so that a
mutant differs from the module in nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple


class Mutant(NamedTuple):
    """One change: ``text`` in the place of the bytes from ``start`` to ``end``. ``statement`` is the line of the
    innermost statement of a function around it, 0 outside of functions; ``cached``: of a function with a decorator,
    whose value one test may owe to another."""

    line: int
    operator: str
    start: int
    end: int
    text: str
    statement: int = 0
    cached: bool = False

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        """The lines that it changes, before and after."""
        first, last = source.rfind(b"\n", 0, self.start) + 1, source.find(b"\n", self.end)
        before = source[first:last].decode().split("\n")
        after = self.applied(source)[first : last + len(self.text.encode()) - (self.end - self.start)].decode()
        changed = [f"    - {line.strip()}" for line in before] + [f"    + {line.strip()}" for line in after.split("\n")]
        return "\n".join(changed)


Change = tuple[int, int, str, str]
_COMPARED: dict[type[ast.AST], tuple[str, tuple[str, ...]]] = {
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
}
_CALCULATED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
_OTHER_CALL = {"any": "all", "all": "any", "min": "max", "max": "min"}
_TELLING = frozenset(
    "endswith find get lstrip partition removeprefix removesuffix rpartition rstrip split startswith strip".split()  # noqa: SIM905
)
"""Methods to which a text is a key or a sign to look for."""
_EMPTY = {
    "str": '""', "bytes": 'b""', "int": "0", "float": "0.0", "list": "[]", "dict": "{}", "set": "set()", "tuple": "()",
    "frozenset": "frozenset()", "Iterator": "iter(())", "Iterable": "()", "Sequence": "()", "Collection": "()",
    "Mapping": "{}",
}  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def mutants_of(source: bytes, limits: bool = False) -> list[Mutant]:
    """All mutants in the order of their places. ``limits``: also numbers that have a name in capitals."""
    tree = ast.parse(source)
    found: dict[tuple[int, int, str], Mutant] = {}
    for mutant in _Walk(source, limits).mutants(tree):
        found.setdefault((mutant.start, mutant.end, mutant.text), mutant)
    return [mutant for _, mutant in sorted(found.items()) if _is_other(mutant.applied(source), tree)]


def _is_other(changed: bytes, tree: ast.Module) -> bool:
    try:
        return ast.dump(ast.parse(changed)) != ast.dump(tree)
    except SyntaxError:
        return False


class _Walk(ast.NodeVisitor):
    def __init__(self, source: bytes, limits: bool) -> None:
        self.source, self.limits = source, limits
        self.lines = [0]
        self.lines.extend(match.end() for match in re.finditer(b"\n", source))
        self.telling: set[ast.AST] = set()
        """Texts that are keys, or are compared."""
        self.statement, self.cached, self.result = 0, False, "None"

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The bytes of an expression or statement, without parentheses around it."""
        assert isinstance(node, ast.expr | ast.stmt)
        end_line, end_column = node.end_lineno or 0, node.end_col_offset or 0
        return self.lines[node.lineno - 1] + node.col_offset, self.lines[end_line - 1] + end_column

    def text(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def mutants(self, tree: ast.Module) -> Iterator[Mutant]:
        for node in tree.body:
            if not (self._is_all(node) or (self._is_limit(node) and not self.limits)):
                yield from self._walk(node)

    def _is_all(self, node: ast.stmt) -> bool:
        return isinstance(node, ast.Assign) and "__all__" in {getattr(target, "id", "") for target in node.targets}

    def _is_limit(self, node: ast.stmt) -> bool:
        """Whether names in capitals get numbers, or something made of numbers."""
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not names or node.value is None:
            return False
        constants = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
        return all(name.id.isupper() for name in names) and all(isinstance(one, int | float) for one in constants)

    def _walk(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.JoinedStr):
            return
        outside = self.statement, self.cached, self.result
        if isinstance(node, _FUNCTIONS):
            self.cached = self.cached or bool(node.decorator_list)
            self.result = _empty(node.returns)
            yield from self._children(node.args)
            for statement in node.body:
                self.statement = statement.lineno
                yield from self._walk(statement)
        else:
            if isinstance(node, ast.stmt) and self.statement:
                self.statement = node.lineno
            for start, end, operator, text in self.visit(node):
                line = self.source.count(b"\n", 0, start) + 1
                yield Mutant(line, operator, start, end, text, self.statement, self.cached)
            yield from self._children(node)
        self.statement, self.cached, self.result = outside

    def _children(self, node: ast.AST) -> Iterator[Mutant]:
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns", "decorator_list"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        yield from self._walk(child)

    def generic_visit(self, node: ast.AST) -> Iterable[Change]:
        """(start, end, operator, text) of what may change at a node itself."""
        return self._of_statement(node) if isinstance(node, ast.stmt) else ()

    def visit_Compare(self, node: ast.Compare) -> Iterable[Change]:
        operands = [node.left, *node.comparators]
        self._note(*operands)
        for operator, left, right in zip(node.ops, operands, node.comparators, strict=False):
            sign, others = _COMPARED[type(operator)]
            yield from (self._between(left, right, sign, other, "comparison") for other in others)

    def visit_BoolOp(self, node: ast.BoolOp) -> Iterable[Change]:
        sign, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            yield self._between(left, right, sign, other, "and/or")

    def visit_BinOp(self, node: ast.BinOp) -> Iterable[Change]:
        if type(node.op) in _CALCULATED:
            sign, other = _CALCULATED[type(node.op)]
            yield self._between(node.left, node.right, re.escape(sign), other, "arithmetic")

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Iterable[Change]:
        if isinstance(node.op, ast.Not | ast.USub):
            start, end = self.span(node)
            sign = "not" if isinstance(node.op, ast.Not) else "-"
            yield start, end, f"{sign} removed", self.source[start + len(sign) : end].decode().lstrip()

    def visit_Constant(self, node: ast.Constant) -> Iterable[Change]:
        value = node.value
        if isinstance(value, bool):
            yield *self.span(node), "constant", str(not value)
        elif isinstance(value, int):
            yield *self.span(node), "constant", str(value + 1)
            yield *self.span(node), "constant", str(value - 1)
        elif isinstance(value, str) and node in self.telling:
            yield *self.span(node), "text", '"\u00b6"'

    def visit_Call(self, node: ast.Call) -> Iterable[Change]:
        if isinstance(node.func, ast.Name) and node.func.id in _OTHER_CALL:
            yield *self.span(node.func), "call", _OTHER_CALL[node.func.id]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _TELLING:
            self._note(*node.args)

    def visit_Subscript(self, node: ast.Subscript) -> Iterable[Change]:
        self._note(node.slice)
        return ()

    def visit_Dict(self, node: ast.Dict) -> Iterable[Change]:
        self._note(*(key for key in node.keys if key is not None))
        return ()

    def visit_Slice(self, node: ast.Slice) -> Iterable[Change]:
        return [(*self.span(bound), "bound removed", "") for bound in (node.lower, node.upper) if bound is not None]

    def visit_IfExp(self, node: ast.IfExp) -> Iterable[Change]:
        return self._of_test(node.test)

    def visit_comprehension(self, node: ast.comprehension) -> Iterable[Change]:
        before: ast.AST = node.iter
        for test in node.ifs:
            yield from self._of_test(test)
            start, _, _, _ = self._between(before, test, "if", "", "")
            end = self.span(test)[1]
            # Parentheses around the test go with it.
            for _ in range(self.source.count(b"(", start, self.span(test)[0])):
                end = self.source.index(b")", end) + 1
            yield start, end, "filter removed", ""
            before = test

    def _note(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self.telling.update(node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node])

    def _between(self, left: ast.AST, right: ast.AST, sign: str, other: str, name: str) -> Change:
        """The sign between two operands, and what stands in its place then."""
        begin = self.span(left)[1]
        word = rf"\b{sign}\b" if sign[0].isalpha() else sign
        match = re.search(word, self.source[begin : self.span(right)[0]].decode(), re.ASCII)
        assert match is not None, f"no {sign} behind byte {begin}"
        return begin + match.start(), begin + match.end(), name, other

    def _of_statement(self, node: ast.stmt) -> Iterator[Change]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom):
            yield *self.span(node), "yield removed", "yield from ()"
        elif (
            isinstance(node, ast.AugAssign | ast.Continue | ast.Break | ast.Raise)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
            or (isinstance(node, ast.Return) and node.value is None)
        ):
            yield *self.span(node), "statement removed", "pass"
        elif isinstance(node, ast.Return) and node.value is not None:
            for text in ("True", "False") if self.result == "bool" else (self.result,):
                yield *self.span(node), "result", f"return {text}"
        elif isinstance(node, ast.If | ast.While):
            yield from self._of_test(node.test)
        if isinstance(node, ast.AugAssign) and type(node.op) in _CALCULATED:
            sign, other = _CALCULATED[type(node.op)]
            yield self._between(node.target, node.value, re.escape(f"{sign}="), f"{other}=", "arithmetic")

    def _of_test(self, test: ast.expr) -> Iterator[Change]:
        """The opposite of a test that no other operator changes."""
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
            yield *self.span(test), "opposite", f"not ({self.text(test)})"


def _empty(returns: ast.expr | None) -> str:
    """What a function of this type could give if it gave nothing; ``bool`` for one that has both answers."""
    if isinstance(returns, ast.Subscript):
        returns = returns.value
    name = getattr(returns, "id", "")
    return "bool" if name == "bool" else _EMPTY.get(name, "None")


# --- which statements run ----------------------------------------------------------------------

_TELLS = """
def _reached(line, told=set()):
    import os, sys
    # A process that a test has started knows no test; one that runs tests has none while it collects. Behind a fence
    # nothing can be told.
    try:
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        if not test and "pytest" not in sys.modules:
            with open({current!r}, encoding="utf-8") as file:
                test = file.read()
            os.environ["PYTEST_CURRENT_TEST"] = test
        if (line, test) not in told:
            told.add((line, test))
            with open({hits!r}, "a", encoding="utf-8", newline="") as file:
                file.write(f"{module}\\t{{line}}\\t{{test}}\\n")
    except OSError:
        pass
"""


def instrumented(source: bytes, module: str, hits: str, current: str) -> bytes:
    """The module with a line in the file ``hits`` for every statement of a function that runs: the module, its line,
    and the test that runs, with its phase, as pytest tells it or the file ``current`` does, with tabs between them."""
    tree = ast.parse(source)
    for node in tree.body:
        _instrument(node, False)
    first = next(index for index, node in enumerate(tree.body) if not _stays_first(node))
    tree.body[first:first] = ast.parse(_TELLS.format(module=module, hits=hits, current=current)).body
    return ast.unparse(ast.fix_missing_locations(tree)).encode()


def _instrument(node: ast.AST, inside: bool) -> None:
    """Tells of every statement below a node; ``inside``: the node is in a function, or is one."""
    inside = inside or isinstance(node, _FUNCTIONS)
    for child in ast.iter_child_nodes(node):
        _instrument(child, inside)
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(node, name, None)
        if inside and isinstance(statements, list):
            told = [(one, ast.parse(f"_reached({one.lineno})").body[0]) for one in statements]
            statements[:] = [part for one, tell in told for part in ((one,) if _stays_first(one) else (tell, one))]


def _stays_first(node: ast.stmt) -> bool:
    """A docstring, or an import from the future."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
