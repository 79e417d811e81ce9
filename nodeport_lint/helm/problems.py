"""What did not render of a chart, as problems with the engine's own words and its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nodeport_lint import yamltext
from nodeport_lint.engines.outcome import Failure, Outcome
from nodeport_lint.expressions import expression
from nodeport_lint.helm.bundle import TOP, Bundle
from nodeport_lint.helm.states import State
from nodeport_lint.helm.values_sets import ValuesSet
from nodeport_lint.model import LIMIT, Location, Problem, Region, Severity
from nodeport_lint.model.clock import Clock

KIND = "unrendered-chart"
NAMED = 4
"""Sets and dependencies that one message names."""
_MATTERS = expression(rb"""(?i:node_?port)|kind["']?:\s*["']?Service\b|(?:include|template)\s+"[^"]*(?i:service)""")


class Told(NamedTuple):
    """``lost_templates`` speak of no Service, ``foreign`` are files
    beside the chart that only look like a set of values: for notices."""

    state: State
    problems: list[Problem]
    lost_templates: list[str]
    foreign: list[str]


def problem(path: str, message: str, location: Location, kind: str = KIND) -> Problem:
    """A chart that does not render at all."""
    return Problem(kind, f"the chart in {path} does not render: {message}", location)


def of_chart(results: Sequence[tuple[Bundle, ValuesSet, Outcome]], clock: Clock) -> Told:
    """All that is to be said of one chart, rendered with one or several sets: one problem for what goes wrong with
    a set, however many templates it is, and the same for several sets only once. When the time of ``clock`` is over, no
    set is looked at for its form."""
    bundle = results[0][0]
    rendered = [outcome for _, _, outcome in results if outcome.rendered]
    whole = [outcome for outcome in rendered if not outcome.failures]
    foreign = _foreign(bundle, results, clock)
    grouped: dict[tuple[Failure, ...], list[str]] = {}
    lost: list[str] = []
    for _, chosen, outcome in results:
        if chosen.values and not chosen.declared and bundle.location(chosen.values[0]).path in foreign:
            continue
        matter = tuple(failure for failure in outcome.failures if failure_matters(bundle, failure))
        if bundle.incomplete:
            # One cause is told once: what is missing would have defined it.
            matter = tuple(failure for failure in matter if not _is_consequence(failure))
        lost += [bundle.location(failure.file or "").path for failure in outcome.failures if failure not in matter]
        if matter:
            grouped.setdefault(matter, []).append(chosen.variant)
    problems = [
        _problem(bundle, failures, sets, len(results))
        for failures, sets in grouped.items()
        # That the defaults alone do not render is usual: values that an install must give have none.
        if sets != [""] or len(results) == 1 or not whole or any(failure.gave_up for failure in failures)
    ]
    missing = _absent(bundle, [outcome for _, _, outcome in results]) if bundle.incomplete else None
    if missing is not None and (rendered or not problems):
        problems.append(missing)
    state = State.NOT_RENDERED if not rendered else State.IN_PART if problems else State.RENDERED
    return Told(state, problems, list(dict.fromkeys(lost)), foreign)


_CONSEQUENCE = expression(r"nil pointer|no template|invalid value|wrong type for value|can't evaluate field")


def _is_consequence(failure: Failure) -> bool:
    """Whether a missing dependency explains it: named templates and values that nobody defines."""
    return failure.lost == "stand-ins" or (
        failure.lost in ("template", "chart") and _CONSEQUENCE.search(failure.message) is not None
    )


def _foreign(bundle: Bundle, results: Sequence[tuple[Bundle, ValuesSet, Outcome]], clock: Clock) -> list[str]:
    """The files of sets that are none."""
    own: list[dict[str, Any]] = []
    found = list[str]()
    for _, chosen, outcome in results:
        # Only then it costs anything.
        if outcome.failures and not clock.late:
            own = own or [yamltext.mapping_of(bundle.inputs.get(f"{TOP}/values.yaml", b""))[1]]
            if _is_foreign(bundle, chosen, outcome, own[0]):
                found.append(bundle.location(chosen.values[0]).path)
    return found


def _is_foreign(bundle: Bundle, chosen: ValuesSet, outcome: Outcome, own: Mapping[str, Any]) -> bool:
    """A file beside the chart that is no set of values: another tool fills it in first, or it has lists and scalars
    where the chart's own values have mappings, which Helm itself warns of. What a limit ended may be right."""
    if not chosen.values or chosen.declared or not outcome.failures or any(one.gave_up for one in outcome.failures):
        return False
    text = bundle.inputs.get(chosen.values[0], b"")
    if b"{{" in text and any(failure.file in chosen.values for failure in outcome.failures):
        return True
    return _differs_in_shape(yamltext.mapping_of(text)[1], own)


def _differs_in_shape(value: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Null takes a key away, and is no shape."""
    both = [(value[key], own[key]) for key in value if key in own and None not in (value[key], own[key])]
    return any(isinstance(one, dict) != isinstance(other, dict) for one, other in both) or any(
        _differs_in_shape(one, other) for one, other in both if isinstance(one, dict) and isinstance(other, dict)
    )


def failure_matters(bundle: Bundle, failure: Failure) -> bool:
    """Whether node ports can be missing because of it: a Deployment that fails hides none."""
    if failure.lost != "template" or failure.file is None or failure.gave_up:
        return True
    return _MATTERS.search(bundle.inputs.get(failure.file, b"")) is not None


def _problem(bundle: Bundle, failures: Sequence[Failure], sets: Sequence[str], count: int) -> Problem:
    """Of the failures of one set, the gravest speaks; the others are counted."""
    failure = min(failures, key=lambda failure: (not failure.gave_up, _GRAVITY[failure.lost]))
    others = [other for other in failures if other is not failure]
    location = bundle.location(failure.file or "")
    if failure.line is not None and not location.note:
        location = location._replace(region=_line(bundle, failure))
    among = f" with {_listed([name or 'its default values' for name in sets])}" if len(sets) < count else ""
    what = {
        "chart": f"the chart in {bundle.path} does not render",
        "template": f"a template of the chart in {bundle.path} does not render",
        "stand-ins": f"the chart in {bundle.path} was rendered with stand-ins for named templates that nobody defines",
        "lines": f"the lines of the node ports of the chart in {bundle.path} are not all known",
        "version": f"the chart in {bundle.path} was rendered in spite of its kubeVersion",
    }[failure.lost]
    help = ""
    if failure.lost == "template" and others:
        help = f"nor do {len(others)} more, such as {_name(bundle, others[0])}"
    severity = Severity.NOTE if failure.lost in ("version", "lines") else None
    kind = LIMIT if failure.gave_up else KIND
    return Problem(kind, f"{what}{among}: {failure.message}", location, help, severity)


_GRAVITY = {"chart": 0, "template": 1, "stand-ins": 2, "lines": 3, "version": 4}


def _name(bundle: Bundle, failure: Failure) -> str:
    path = bundle.location(failure.file or "").path
    return f"{path}:{failure.line}" if failure.line else path


def _line(bundle: Bundle, failure: Failure) -> Region | None:
    """The characters of the line that the engine names."""
    lines = bundle.inputs.get(failure.file or "", b"").decode("utf-8", "replace").split("\n")
    number = failure.line or 0
    if not 1 <= number <= len(lines):
        return None
    return Region.whole(number, lines[number - 1])


def _absent(bundle: Bundle, outcomes: Sequence[Outcome]) -> Problem | None:
    """A note on dependencies that are missing, of the chart itself or of a sub-chart, and on what follows from it."""
    failures = [failure for outcome in outcomes for failure in outcome.failures if _is_consequence(failure)]
    lost = {failure.file for failure in failures if failure.lost == "template"}
    follows = ", with stand-ins for its named templates" if any(one.lost == "stand-ins" for one in failures) else ""
    if lost:
        follows += f"; so {'one template does' if len(lost) == 1 else f'{len(lost)} templates do'} not render"
    state = "was rendered" if any(outcome.rendered for outcome in outcomes) else "does not render"
    help = "nothing is fetched: helm dependency build puts them in charts/"
    if not bundle.absent:
        message = f"the chart in {bundle.path} {state} without dependencies of a sub-chart{follows}"
        return Problem(KIND, message, bundle.location(""), help, Severity.NOTE) if follows else None
    first = bundle.absent[0]
    what = "the dependency" if len(bundle.absent) == 1 else "the dependencies"
    names = _listed([dependency.name for dependency in bundle.absent])
    location = bundle.location(f"chart/{first.file}")._replace(region=first.region)
    return Problem(
        KIND, f"the chart in {bundle.path} {state} without {what} {names}{follows}", location, help, Severity.NOTE
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
