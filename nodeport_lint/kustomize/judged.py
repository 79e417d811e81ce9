"""An engine of kustomizations that builds only what has been judged: as it is built, and whenever it was changed.

The tree is judged when it is read. What is built may be another text: something stands in for what is missing, and to
trace a number it is changed, wherever it stands. A change that makes a kustomization refer to something else is no
render that may be made.
"""

from __future__ import annotations

from typing import Any

from nodeport_lint.kustomize.closures import read_closures
from nodeport_lint.kustomize.nouns import Kustomization
from nodeport_lint.model.render import Engine, Inputs, Rendered, RenderError, RenderOptions
from nodeport_lint.tree import KUSTOMIZATION_NAMES
from nodeport_lint.tree.files import InMemory

References = list[tuple[Any, ...]]
"""What each kustomization below a root refers to."""


class Judged:
    """``engine`` for the root in ``directory``, of which ``first`` are the inputs.

    Raises RenderError where these refer to something that cannot be followed.
    """

    def __init__(self, engine: Engine, directory: str, first: Inputs) -> None:
        self.engine, self.directory = engine, directory
        self.references = _references(directory, first)
        self.told = {path: first[path] for one in self.references for path in one[0]}
        """What refers to files: kustomizations and plugins."""
        self.paths = first.keys()

    @property
    def id(self) -> str:
        return self.engine.id

    @property
    def keeps_comments(self) -> bool:
        return self.engine.keeps_comments

    def scannable(self, path: str) -> bool:
        return self.engine.scannable(path)

    def markable(self, path: str) -> bool:
        return self.engine.markable(path)

    def render(self, inputs: Inputs, options: RenderOptions) -> Rendered:
        """Raises RenderError, also for inputs that refer to something else than the first ones did."""
        if self._concerns(inputs) and _references(self.directory, inputs) != self.references:
            raise RenderError("load", "with other numbers it would refer to other files")
        return self.engine.render(inputs, options)

    def close(self) -> None:
        self.engine.close()

    def _concerns(self, inputs: Inputs) -> bool:
        """Whether anything is changed that refers to files, or what there is to refer to."""
        return inputs.keys() != self.paths or any(inputs[path] != data for path, data in self.told.items())


def _references(directory: str, inputs: Inputs) -> References:
    names = [path for path in inputs if path.rpartition("/")[2] in KUSTOMIZATION_NAMES]
    line = read_closures(InMemory(inputs), names).line(directory)
    for one in line:
        if one.blocked or one.gaps:
            reason = one.problems[0].message if one.problems else "it refers to something that cannot be followed"
            raise RenderError("load", reason, one.path)
    return [_told(one) for one in line]


def _told(one: Kustomization) -> tuple[Any, ...]:
    """First the files that refer to others."""
    return (one.path, *one.plugins), one.files, one.directories, one.resources, one.inputs, one.absent
