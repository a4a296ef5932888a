"""From Tensors to finished pictures: read, fold, measure, and put the numbers in."""

from collections.abc import Mapping
from typing import NamedTuple

from minigrad.drawing import measuring, text
from minigrad.drawing.folding import finish, fold
from minigrad.drawing.measuring import Numbers, with_numbers
from minigrad.drawing.options import Options
from minigrad.drawing.picture import Picture
from minigrad.drawing.reading import Reading, read
from minigrad.drawing.scene import Style
from minigrad.drawing.statistics import Shown, Survey
from minigrad.errors import MinigradError
from minigrad.tensor import Tensor

DETAILED = 400  # nodes, up to which the statistics are taken in full
BOOK_OPERATIONS = 40


class Assembled(NamedTuple):
    """The picture as it is shown, the one a page can unfold (more of its modules open), and their style."""

    shown: Picture
    opened: Picture
    style: Style


def assemble(tensors: tuple[Tensor, ...], names: Mapping[int, str], options: Options) -> Assembled:
    """The pictures of what some Tensors were computed from.

    Args:
        tensors: the outputs.
        names: names of arrays, by `id`.
        options: what was asked for.
    """
    reading = read(tensors, names)
    # One for the book is small, and nothing of it is left out.
    structure = reading.whole() if len(reading.operations) <= BOOK_OPERATIONS else reading
    style: Style = _fitting_style(structure) if options.style == "auto" else options.style
    most = options.max_nodes
    # With a limit of its own, a page holds more than is shown at first: what its reader may open.
    roomy = most if most is None or options.depth is not None else max(most, DETAILED)
    open_more = fold(structure, most=roomy, depth=options.depth, collapse=options.collapse)
    folded = fold(open_more, most=most, depth=None, collapse=options.collapse)
    shown = finish(folded)
    opened = shown if folded is open_more else finish(open_more)
    numbers = _measure(reading, tensors, (shown, opened), options)
    title, facts = _title(reading, options.title), _facts(reading, shown, numbers)

    def completed(picture: Picture) -> Picture:
        complete = with_numbers(_with_lines(picture, reading), numbers)
        return complete._replace(title=title, facts=facts, heat=options.heat, legend=options.legend)

    complete = completed(shown)
    return Assembled(complete, complete if opened is shown else completed(opened), style)


def _fitting_style(structure: Picture | Reading) -> Style:
    if isinstance(structure, Picture) and all(tensor.is_scalar for tensor in structure.tensors.values()):
        return "book"
    return "network"


def _measure(
    reading: Reading, outputs: tuple[Tensor, ...], pictures: tuple[Picture, Picture], options: Options
) -> Numbers:
    """All that the pictures say of their tensors and operations; details for the first, if it is small."""
    keys = pictures[0].shown()
    shown = Shown(keys | pictures[1].shown(), keys if len(pictures[0].nodes) <= DETAILED else set())
    values = measuring.values(reading, shown) if options.values else Survey(shown)
    passed, trouble = measuring.Backward(Survey(shown), {}), ""
    roots = [output for output in outputs if output.requires_grad]
    if roots and _wants_gradients(reading, outputs, options):
        try:
            passed = measuring.backward(reading, roots, shown, options.heat == "time")
        except MinigradError as error:
            if options.grads is True:
                raise
            trouble = text.clean(str(error), 90)
    gradients = Survey(shown) if options.grads is False else passed.gradients
    badges = measuring.badges(reading, values, gradients)
    saved = measuring.saved(reading)
    return Numbers(values.statistics, gradients.statistics, saved, passed.times, badges, trouble)


def _with_lines(picture: Picture, reading: Reading) -> Picture:
    """The picture with the user's line on each box, unless they are too many to be read one by one."""
    if len(picture.nodes) > DETAILED:
        return picture
    lines = {node.parts[0]: reading.operations[node.parts[0]].line for node in picture.nodes if node.parts}
    nodes = [node._replace(line=str(lines[node.parts[0]])) if node.parts else node for node in picture.nodes]
    return picture._replace(nodes=tuple(nodes))


def _wants_gradients(reading: Reading, outputs: tuple[Tensor, ...], options: Options) -> bool:
    if options.grads == "auto":
        released = any(node.released for node in reading.operations.values())
        return not released and all(output.size == 1 for output in outputs)
    return options.grads is True or options.heat in ("time", "grad")


def _title(reading: Reading, given: str | None) -> str:
    if given is not None:
        return given
    outermost = next((module for module in reading.modules[1:] if module.type != "backward"), None)
    return (outermost.type or outermost.name) if outermost else ""


def _facts(reading: Reading, folded: Picture, numbers: Numbers) -> tuple[str, ...]:
    """The line under the title: outputs, parameters, operations, time."""
    facts = [
        f"{text.clean(node.name)} {text.exact(numbers.values[node.key].mean)}"
        for node in folded.nodes
        if node.kind == "output" and folded.tensors[node.key].is_scalar and node.key in numbers.values
    ][:3]
    parameters = reading.modules[0].parameters
    if parameters:
        facts.append(text.counted(parameters, "parameter"))
    shown, total = sum(node.kind == "operation" for node in folded.nodes), len(reading.operations)
    if shown < total:
        facts.append(f"{text.grouped(shown)} of {text.grouped(total)} operations shown")
    elif total:
        facts.append(text.counted(total, "operation"))
    if numbers.times:
        forward, backward = map(sum, zip(*numbers.times.values(), strict=True))
        parts = f"forward {text.duration(forward)} + backward {text.duration(backward)}"
        facts.append(f"step {text.duration(forward + backward)} = {parts}")
    if numbers.trouble:
        facts.append(f"no gradients: {numbers.trouble}")
    return tuple(facts)
