"""NumPy's protocols: what has a rule, what refuses, and that nothing leaves the graph unseen."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.registry import RULES
from tests.minigrad.names import COVERED

SHARED = Path(__file__).parents[3] / "shared" / "coverage.txt"


def resolve(name: str):
    value = np
    for part in name.split("."):
        value = getattr(value, part)
    return value


@pytest.mark.parametrize("name", [name for names in COVERED.values() for name in names.split()])
def test_every_covered_name_has_a_rule(name):
    assert resolve(name) in RULES


@pytest.mark.skipif(not SHARED.exists(), reason="the requirement's own list is not part of the repository")
def test_the_list_of_names_is_that_of_the_requirement():
    listed = {name.rpartition(".")[2] for names in COVERED.values() for name in names.split()}
    words = re.findall(r"[a-z_0-9.]+", " ".join(requirement(SHARED.read_text(encoding="utf-8"))))
    wanted = {word.rpartition(".")[2] for word in words if is_function(word)}
    assert wanted <= listed


def requirement(text: str) -> list[str]:
    """The lines of names, without headings, remarks in brackets and sentences."""
    lines = [re.sub(r"\([^)]*\)", "", line) for line in text.splitlines()]
    return [
        line for line in lines if line and line[0] not in "#[" and not line[0].isupper() and ":" not in line
    ]


def is_function(word: str) -> bool:
    return any(callable(getattr(space, word.rpartition(".")[2], None)) for space in (np, np.linalg, np.fft))


# A sweep over all of NumPy: called on Tensors, a function has a rule, or names itself.


def functions():
    for module in (np, np.linalg, np.fft):
        for name in sorted(dir(module)):
            value = getattr(module, name)
            if callable(value) and not name.startswith("_") and not isinstance(value, type):
                yield f"{module.__name__}.{name}", value


# What takes no array to compute with, or is asked about one: NumPy's own answer is right.
NOT_ON_ARRAYS = (
    "array asarray asanyarray asarray_chkfinite ascontiguousarray asfortranarray frombuffer fromfile "
    "fromfunction fromiter fromstring fromregex from_dlpack genfromtxt loadtxt load base_repr binary_repr "
    "format_float_positional isscalar format_float_scientific get_include geterr geterrcall seterr "
    "seterrcall getbufsize setbufsize get_printoptions set_printoptions printoptions info show_config "
    "show_runtime test issubdtype isdtype iterable mask_indices promote_types typename vectorize "
    "nested_iters ndenumerate ndindex asmatrix bmat matrix savez savez_compressed save savetxt "
    "may_share_memory shares_memory require array_repr array_str array2string shape size ndim"
)


def attempts(a, b):
    return [(a,), (a, b), (a, 1), (a, a > 0), (a, [1], b), (b, a, a)]


@pytest.mark.parametrize(("name", "function"), list(functions()), ids=[name for name, _ in functions()])
@pytest.mark.filterwarnings("ignore")
def test_a_function_called_on_tensors_records_or_refuses(name, function):
    if name.rpartition(".")[2] in NOT_ON_ARRAYS.split():
        return
    a = mg.Tensor([[0.3, 0.5], [0.7, 0.2]], requires_grad=True)
    b = mg.Tensor([[0.6, 0.1], [0.4, 0.9]], requires_grad=True)
    for args in attempts(a, b):
        try:
            result = function(*args)
        except mg.NoRuleError as error:
            refusal = str(error)
        except (TypeError, ValueError, IndexError, AttributeError, ArithmeticError, OSError, RuntimeError):
            continue  # these arguments are not for this function
        else:
            refusal = ""
            for value in result if isinstance(result, (tuple, list)) else [result]:
                assert not isinstance(value, np.ndarray), f"{name} gave a plain {value!r}"
        assert not refusal or re.search(r"np\.|astype", refusal)


def test_a_function_without_a_rule_names_itself():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    for call, name in (
        (lambda: np.polyfit(t, t, 1), "np.polyfit"),
        (lambda: np.apply_along_axis(np.sum, 0, t), "np.apply_along_axis"),
        (lambda: np.modf.reduce(t), "reduce"),
    ):
        with pytest.raises((mg.NoRuleError, ValueError), match=re.escape(name)):
            call()


def test_no_array_of_objects():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(mg.DtypeError, match="objects"):
        np.array(t, dtype=object)
    with pytest.raises(mg.DtypeError, match="objects"):
        np.vectorize(lambda x: x + 1)(t)
    with pytest.raises(mg.NoRuleError):
        np.frompyfunc(lambda x: x + 1, 1, 1)(t)


def test_the_values_are_numpys_when_asked_for():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    assert type(np.asarray(t)) is np.ndarray
    assert np.asarray(t, dtype=np.float32).dtype == np.float32


def test_a_list_of_tensors_with_gradients_is_refused_where_it_can_be_seen():
    t, u = mg.Tensor(1.0, requires_grad=True), mg.Tensor(2.0)
    for call in (lambda: mg.Tensor([t, u]), lambda: mg.max([t, u]), lambda: mg.add(u, [t, u])):
        with pytest.raises(mg.GraphError, match=r"np\.stack"):
            call()
    assert np.stack([t, u]).requires_grad
    assert mg.Tensor([u, 3.0]).shape == (2,)


MIXED = {
    "array first": lambda t: np.array([1.0, 2.0]) * t,
    "array second": lambda t: t * np.array([1.0, 2.0]),
    "list first": lambda t: [1.0, 2.0] * t,
    "number first": lambda t: np.float64(2) * t,
    "in a list": lambda t: np.concatenate([t, np.ones(2), [3.0]]),
    "as the condition": lambda t: np.where(t > 1, t, 0),
    "in a ufunc": lambda t: np.arctan2([1.0, 2.0], t),
    "to a power": lambda t: 2.0**t,
    "divided by": lambda t: 1 / t + (t // 2) + (t % 2) + 7 % t,
}


@pytest.mark.parametrize("name", MIXED)
def test_tensors_mix_with_arrays_numbers_and_lists(name):
    values = np.array([1.5, 0.5])
    t = mg.Tensor(values, requires_grad=True)
    result = MIXED[name](t)
    assert result.requires_grad
    np.testing.assert_allclose(result.numpy(), MIXED[name](values))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_python_number_widens_no_dtype(dtype):
    t = mg.Tensor(np.ones((2, 2), dtype), requires_grad=True)
    for result in (
        t + 1,
        2.5 * t,
        t**2,
        1 / t,
        np.maximum(t, 0.5),
        np.where(t > 0, t, 0.0),
        np.clip(t, 0.0, 1),
    ):
        assert result.dtype == dtype
        result.backward(np.ones((2, 2)), retain_graph=True)
    assert t.grad.dtype == dtype
    assert (t + np.float64(1)).dtype == np.float64


# Keywords


def test_an_unknown_keyword_is_named():
    t = mg.Tensor([1.0, 2.0])
    for call in (
        lambda: mg.sum(t, colour=1),
        lambda: mg.sum(t, colour=None),
        lambda: mg.var(t, colour=1),
        lambda: mg.exp(t, colour=1),
        lambda: mg.transpose(t, colour=1),
        lambda: mg.clip(t, 0, 1, colour=1),
    ):
        with pytest.raises(TypeError, match="colour"):
            call()


def test_a_missing_argument_is_named():
    t = mg.Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="shape"):
        mg.reshape(t)
    with pytest.raises(TypeError, match="needs"):
        mg.matmul(t)
    with pytest.raises(TypeError, match="arguments"):
        mg.sum(t, 0, None, None, False, 0, True, 5)


def test_a_gradient_is_never_dropped_at_a_keyword():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    for call in (
        lambda: np.sum(t, initial=t[0]),
        lambda: np.quantile(t, t[0] / 4),
        lambda: np.pad(t, 1, constant_values=t[0]),
    ):
        with pytest.raises(mg.NoRuleError, match="gradient"):
            call()


OUT = {
    "a ufunc": lambda t, out: np.exp(t, out=out),
    "a reduction": lambda t, out: np.cumsum(t, out=out),
    "a composition": lambda t, out: np.take(t, [1, 0], out=out),
    "clip": lambda t, out: np.clip(t, 0, 1, out=out),
    "where": lambda t, out: np.multiply(t, 3.0, where=[True, False], out=out),
    "steps": lambda t, out: np.floor(t, out=out),
    "a constant": lambda t, out: np.equal(t, t, out=out, casting="unsafe"),
}


@pytest.mark.parametrize("name", OUT)
def test_out_binds_that_tensor(name):
    values = np.array([0.5, 1.5])
    t, out = mg.Tensor(values, requires_grad=True), mg.Tensor([5.0, 6.0])
    held = out.numpy()
    assert OUT[name](t, out) is out
    np.testing.assert_allclose(out.numpy(), OUT[name](values, np.array([5.0, 6.0])))
    np.testing.assert_array_equal(held, [5.0, 6.0])


def test_the_gradient_of_what_out_kept_and_of_what_it_took():
    t, kept = (mg.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    out = kept * 10
    np.multiply(t, t, where=[True, False], out=out)
    out.backward(np.array([1.0, 1.0]))
    np.testing.assert_array_equal(t.grad.numpy(), [2, 0])
    np.testing.assert_array_equal(kept.grad.numpy(), [0, 10])


def test_out_that_does_not_fit_is_an_error():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(mg.ShapeError):
        np.exp(t, out=mg.Tensor([1.0, 2.0, 3.0]))
    with pytest.raises(mg.DtypeError):
        np.exp(t, out=mg.Tensor([1, 2]))
    with pytest.raises(mg.DtypeError, match="array"):
        np.exp(t, out=np.zeros(2))
    with pytest.raises(mg.GraphError, match="leaf"):
        np.exp(t, out=t)


def test_an_array_takes_values_that_need_no_gradient():
    out = np.zeros(2)
    assert np.exp(mg.Tensor([0.0, 1.0]), out=out) is out
    np.testing.assert_allclose(out, np.exp([0, 1]))


def test_where_computes_the_chosen_elements_alone():
    t = mg.Tensor([-1.0, 4.0], requires_grad=True)
    y = np.log(t, where=t > 0)
    np.testing.assert_allclose(y.numpy(), [0, np.log(4)])
    y.sum().backward()
    np.testing.assert_allclose(t.grad.numpy(), [0, 0.25])


def test_two_results_and_two_outs():
    t = mg.Tensor([7.5, -7.5], requires_grad=True)
    whole, part = mg.Tensor([0.0, 0.0]), mg.Tensor([0.0, 0.0])
    np.divmod(t, 2.0, out=(whole, part))
    np.testing.assert_array_equal(whole.numpy(), [3, -4])
    part.sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), [1, 1])


def test_dtype_is_that_of_the_computation():
    t = mg.Tensor(np.float32([1.0, 2.0]), requires_grad=True)
    for y in (np.exp(t, dtype=np.float64), np.sum(t, dtype=np.float64), np.stack([t, t], dtype=np.float64)):
        assert y.dtype == np.float64
    assert np.cumsum(t, dtype=np.float64).dtype == np.float64
    np.mean(t, dtype=np.float64).backward()
    assert t.grad.dtype == np.float32


# Names under minigrad


def test_numpys_functions_stand_under_minigrads_name():
    assert isinstance(mg.exp([1.0]), mg.Tensor)
    assert isinstance(mg.var(np.arange(3.0)), mg.Tensor)
    assert {"exp", "median", "trapezoid"} <= set(dir(mg))
    with pytest.raises(AttributeError, match="no attribute 'exponential'"):
        mg.exponential  # noqa: B018


METHODS = {
    "sum": {"axis": 0},
    "prod": {},
    "mean": {"keepdims": True},
    "var": {"ddof": 1},
    "std": {},
    "max": {},
    "min": {},
    "cumsum": {"axis": 1},
    "cumprod": {},
    "all": {},
    "any": {"axis": 0},
    "argmax": {"axis": 1},
    "argmin": {},
    "clip": {"min": 0.2, "max": 0.8},
    "round": {"decimals": 1},
    "conj": {},
    "copy": {},
    "ravel": {},
    "flatten": {},
    "squeeze": {},
    "repeat": {"repeats": 2},
    "diagonal": {},
    "dot": {"b": np.ones(3)},
    "trace": {},
    "take": {"indices": [2, 0]},
    "nonzero": {},
    "argsort": {"axis": 0},
    "compress": {"condition": [True, False], "axis": 0},
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_gives_what_an_arrays_gives(name):
    values = np.random.default_rng(0).random((3, 3))
    expected = (
        getattr(values, name)(*METHODS[name].values())
        if name == "dot"
        else getattr(values, name)(**METHODS[name])
    )
    found = getattr(mg.Tensor(values), name)(**METHODS[name])
    for x, y in zip(*(r if isinstance(r, tuple) else (r,) for r in (found, expected)), strict=True):
        assert isinstance(x, mg.Tensor)
        np.testing.assert_allclose(x.numpy(), y)


def test_methods_in_place_bind_the_tensor():
    t = mg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    u = t * 1
    u.sort()
    u.put([0], 10 * u[2])
    (u * np.array([1.0, 2.0, 3.0])).sum().backward()
    np.testing.assert_array_equal(u.numpy(), [30, 2, 3])
    np.testing.assert_array_equal(t.grad.numpy(), [13, 0, 2])
    u.fill(0)
    np.testing.assert_array_equal(u.numpy(), [0, 0, 0])
    assert inspect.signature(mg.Tensor.reshape)


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="the page shows NumPy 2.4's arguments"
)
def test_the_table_in_the_manual_is_that_of_the_registry():
    page = Path(__file__).parents[2] / "docs" / "coverage.md"
    made = runpy.run_path(str(page.with_name("make_coverage.py")))["page"]()
    assert page.read_text(encoding="utf-8") == made, "run docs/make_coverage.py"


def test_a_masked_array_is_refused_on_either_side():
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    for call in (lambda: t + masked, lambda: masked + t, lambda: np.add(masked, t), lambda: np.ma.sum(t * 1)):
        with pytest.raises(mg.DtypeError, match="filled"):
            call()


@pytest.mark.parametrize("bad", ["text", [1.0, [2.0]], [object()]], ids=["text", "ragged", "objects"])
def test_what_is_no_array_of_numbers_is_refused(bad):
    t = mg.Tensor([1.0, 2.0])
    with pytest.raises((mg.DtypeError, mg.ShapeError)):
        mg.add(t, bad)


@pytest.mark.parametrize("dtype", [object, str])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_nothing_gives_a_tensor_of_objects_or_text(dtype, requires_grad):
    t, other = mg.Tensor([1.0, 2.0], requires_grad=requires_grad), np.array([1, 2]).astype(dtype)
    for call in (
        lambda: t + other,
        lambda: other * t,
        lambda: np.concatenate([t, other]),
        lambda: np.where(t > 1, t, other),
        lambda: t.astype(dtype),
    ):
        with pytest.raises(TypeError, match=r"dtype|ufunc"):
            call()


def test_shapes_that_do_not_broadcast_are_named():
    t = mg.Tensor(np.ones((2, 3)), name="w")
    with pytest.raises(mg.ShapeError, match=r"add: .*'w' \(2, 3\) float64.*\(4,\)"):
        t + np.ones(4)
    with pytest.raises(mg.ShapeError, match="concatenate"):
        np.concatenate([t, np.ones((3, 2))])
