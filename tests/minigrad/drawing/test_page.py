"""The one-file page, driven in a browser."""

from time import monotonic

import pytest

import minigrad as mg

from . import nets

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(15, 23, 32)"
HEATS = {"none", "time", "saved bytes", "gradient"}


@pytest.fixture
def page(browser, tmp_path):
    """Opens a drawing's page; fails the test if the browser's console had anything to say."""
    keys = pytest.importorskip("selenium.webdriver").Keys

    class Page:
        def open(self, drawing):
            path = drawing.save(tmp_path / "page.html")
            browser.get(path.as_uri())
            return self

        def all(self, selector):
            shown = "e => getComputedStyle(e).display !== 'none' && e.getClientRects().length"
            return browser.execute_script(
                f"return [...document.querySelectorAll(arguments[0])].filter({shown})", selector
            )

        def one(self, selector):
            return browser.find_element("css selector", selector)

        def node(self, name):
            return next(e for e in self.all(".node") if f" {name} " in f"{e.get_attribute('aria-label')} ")

        def press(self, *pressed):
            chain = pytest.importorskip("selenium.webdriver").ActionChains(browser)
            chain.send_keys(*(getattr(keys, key, key) for key in pressed)).perform()

        def hover(self, element):
            pytest.importorskip("selenium.webdriver").ActionChains(browser).move_to_element(element).perform()

        def close(self, *modules):
            self.run(
                "const modules = [...document.querySelectorAll('g.module')];"
                "for (const title of arguments[0].map(i => modules[i].querySelector('text')))"
                " title.dispatchEvent(new MouseEvent('click', {bubbles: true}))",
                modules,
            )
            assert len(self.all("g.module.closed")) == len(modules)

        def view(self):
            return self.run("return document.querySelector('#view svg').getAttribute('viewBox')")

        def run(self, script, *arguments):
            return browser.execute_script(script, *arguments)

    browser.get_log("browser")
    yield Page()
    assert browser.get_log("browser") == []


@pytest.fixture
def mlp_page(page):
    loss, names = nets.mlp()
    return page.open(mg.draw(loss, names=names, heat="time", engine="minigrad"))


def eventually(ask, wanted):
    """The answer, asked for until it is the one wanted, or for two seconds."""
    deadline = monotonic() + 2
    while ask() != wanted and monotonic() < deadline:
        pass
    return ask()


def test_the_page_of_the_mlp_is_small():
    loss, names = nets.mlp()
    assert len(mg.draw(loss, names=names, heat="time", engine="minigrad").html().encode()) <= 60_000


def test_the_page_asks_for_nothing_from_the_network(mlp_page):
    assert mlp_page.run("return performance.getEntriesByType('resource').map(e => e.name)") == []
    assert "http" not in mlp_page.run("return document.documentElement.outerHTML").replace(
        "http://www.w3.org/2000/svg", ""
    ).replace("http-equiv", "")


def test_hovering_shows_shapes_statistics_histograms_and_the_users_line(mlp_page):
    mlp_page.hover(mlp_page.node("Sigmoid"))
    card = mlp_page.one("#card")
    assert card.is_displayed()
    for word in ("64 × 50", "float32", "rms", "mean", "gradient", "nets.py", "mg.sigmoid"):
        assert word in card.text
    assert len(mlp_page.all("#card svg")) == 2


def test_searching_marks_what_is_found(mlp_page):
    mlp_page.press("/")
    mlp_page.press(*"affine", "ENTER")
    assert len(mlp_page.all(".node.hit")) == 2
    assert mlp_page.one("#found").text == "1 of 2"
    (first,) = mlp_page.all(".node.at")
    mlp_page.press("ENTER")
    (second,) = mlp_page.all(".node.at")
    assert second != first
    mlp_page.press("ENTER")
    assert mlp_page.all(".node.at") == [first]
    mlp_page.press("ESCAPE")
    assert mlp_page.all(".node.hit, .node.at") == []


def test_clicking_follows_ancestors_and_the_gradient(mlp_page):
    mlp_page.node("Sigmoid").click()
    kept = {e.get_attribute("aria-label") for e in mlp_page.all(".node.kept")}
    assert any("data x" in label for label in kept)
    assert any("output loss" in label for label in kept)
    assert not any("labels" in label for label in kept)
    assert len(mlp_page.all(".line.back")) == 3
    colour = "return [...document.querySelectorAll('.line.back')].map(e => getComputedStyle(e).stroke)"
    assert set(mlp_page.run(colour)) == {"rgb(166, 60, 6)"}
    mlp_page.press("ESCAPE")
    assert mlp_page.all(".node.kept") == []
    mlp_page.node("x").click()
    assert len(mlp_page.all(".line.back")) == 4  # and not the one from x, which has no gradient


def test_the_keyboard_reaches_every_node(mlp_page):
    mlp_page.run("document.querySelector('.node').focus()")
    mlp_page.press("TAB", "ENTER")
    assert len(mlp_page.all(".node.chosen")) == 1
    assert mlp_page.one("#view svg").get_attribute("role") == "group"
    before = mlp_page.view()
    mlp_page.press("+", "ARROW_DOWN")
    assert mlp_page.view() != before
    mlp_page.press("0", "-", "ARROW_LEFT", "ARROW_RIGHT", "ARROW_UP", "0")
    assert mlp_page.view() == before


def test_heat_switches_between_what_was_measured(mlp_page):
    def choose(name):
        mlp_page.run(
            "const h = document.getElementById('heat'); h.value = arguments[0]; h.dispatchEvent(new Event('change'))",
            name,
        )
        fills = "[...document.querySelectorAll('.node > rect.operation')].map(e => getComputedStyle(e).fill)"
        shares = "[...document.querySelectorAll('.share')].map(e => e.textContent)"
        return mlp_page.run(f"return [{fills}, {shares}]")

    assert (
        set(mlp_page.run("return [...document.querySelectorAll('#heat option')].map(e => e.text)")) == HEATS
    )
    assert choose("") == [[LIGHT] * 4, []]
    fills, shares = choose("grad")
    assert fills[2:] == ["rgb(251, 154, 41)", LIGHT]  # the loss's own gradient has no share
    assert shares[-1] == "100%"
    assert len(choose("memory")[1]) == 2


def test_the_theme_follows_the_system_until_it_is_switched(browser, mlp_page):
    def background():
        return mlp_page.run("return getComputedStyle(document.querySelector('.background')).fill")

    def system(scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    system("dark")
    assert eventually(background, DARK) == DARK
    system("light")
    assert eventually(background, LIGHT) == LIGHT
    mlp_page.one("#theme").click()
    system("dark")
    mlp_page.one("#theme").click()
    assert background() == LIGHT
    system("")


@pytest.mark.parametrize("engine", ["minigrad", "graphviz-pure"])
def test_modules_open_and_close_and_stay_legible(page, engine):
    drawing = mg.draw(nets.residual(12), max_nodes=60, engine=engine)
    page.open(drawing)
    closed = len(page.all(".node"))
    assert len(page.all("g.module.closed")) == 12
    page.one("#modules").click()
    opened = len(page.all(".node"))
    assert page.all("g.module.closed") == []
    assert closed < 60 < opened
    page.all("g.module text")[2].click()
    assert len(page.all("g.module.closed")) == 1
    assert len(page.all(".node")) == opened - 10
    page.run("document.querySelector('g.module.closed').focus()")
    page.press("ENTER")
    assert len(page.all(".node")) == opened


def test_closing_modules_makes_the_picture_shorter_and_covers_nothing(page, browser):
    from .conftest import HERE

    script = (HERE / "measure.js").read_text(encoding="utf-8")
    page.open(mg.draw(nets.residual(3), max_nodes=None, engine="minigrad"))
    page.run("document.querySelectorAll('.node')[0].dispatchEvent(new Event('pointerleave'))")
    before = page.run("return document.querySelector('.node:last-of-type').getBoundingClientRect().top")
    page.one("#modules").click()
    assert (
        page.run("return document.querySelector('.node:last-of-type').getBoundingClientRect().top") < before
    )
    page.one("#modules").click()
    for module in page.run("return [...document.querySelectorAll('g.module')].map(e => e.id)")[2:4]:
        page.run(
            "const title = document.getElementById(arguments[0]).querySelector('text');"
            "title.dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            module,
        )
    assert len(page.all("g.module.closed")) == 2
    found = browser.execute_script(script, page.one("#view svg"))
    assert [
        c for c in found if "across" not in c and "outside the picture" not in c and "9 px" not in c
    ] == []


@pytest.mark.parametrize("engine", ["minigrad", "graphviz-pure"])
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_a_line_beside_a_closed_module_bends_gently(page, engine, direction):
    page.open(mg.draw(nets.branches(3), max_nodes=None, engine=engine, direction=direction))
    page.close(1, 2)
    # The largest angle between two stretches of three points each, one after the other, on the lines in sight.
    angles = page.run(
        "return [...document.querySelectorAll('path.line:not(.gone)')].flatMap(line => {"
        " const at = i => line.getPointAtLength(3 * i);"
        " const way = i => Math.atan2(at(i + 1).y - at(i).y, at(i + 1).x - at(i).x);"
        " const turn = i => Math.abs(Math.atan2(Math.sin(way(i) - way(i - 1)), Math.cos(way(i) - way(i - 1))));"
        " return Array.from({length: Math.max(Math.floor(line.getTotalLength() / 3) - 2, 0)}, (_, i) => turn(i + 1));"
        "})"
    )
    assert max(angles) < 0.9


def test_a_closed_module_of_a_flow_to_the_right_holds_its_title(page, browser):
    from .conftest import HERE

    page.open(mg.draw(nets.branches(2), engine="minigrad", direction="LR"))
    page.close(1)
    script = (HERE / "measure.js").read_text(encoding="utf-8")
    found = browser.execute_script(script, page.one("#view svg"))
    assert [c for c in found if "title" in c or "9 px" in c or "runs through" in c] == []


@pytest.mark.parametrize("closed", [(1, 2), (1,), (2,)])
def test_modules_side_by_side_close_each_for_itself(page, closed):
    page.open(mg.draw(nets.two_ways(), engine="minigrad"))
    boxes = "return [...document.querySelectorAll('g.module rect')].map(e => [e.y, e.height].map(l => l.baseVal.value))"
    _, before = page.run(boxes)[0]
    page.close(*closed)
    (top, height), *frames = page.run(boxes)
    assert all(top < y and y + tall < top + height for y, tall in frames)
    assert all(tall >= 46 for _, tall in frames)
    assert (height < before - 50) == (len(closed) == 2)


def test_modules_open_and_close_by_keyboard_and_keep_the_focus(page):
    page.open(mg.draw(nets.branches(2), engine="minigrad"))
    page.run("document.querySelectorAll('g.module')[1].focus()")
    for closed in ("true", "false", "true"):
        page.press("ENTER")
        assert page.run("return document.activeElement.getAttribute('aria-expanded')") != closed


def test_what_the_keyboard_reaches_comes_into_sight(page):
    page.open(mg.draw(nets.branches(3), engine="minigrad"))
    before = page.view()
    page.run("[...document.querySelectorAll('.node')].at(-2).focus()")
    page.press("TAB")
    seen = (
        "const box = document.activeElement.getBoundingClientRect(), view = document.querySelector('#view');"
    )
    seen += "const around = view.getBoundingClientRect();"
    assert page.run(seen + "return box.top >= around.top && box.bottom <= around.bottom")
    assert page.view() != before


def test_the_scale_of_the_heat_is_shown_with_it(mlp_page):
    assert [e.text for e in mlp_page.all("#scale text")] == ["<1%", "1–3", "3–10", "10–30", ">30%"]
    assert "share of step" not in mlp_page.one("#view svg").text
    mlp_page.run(
        "const h = document.querySelector('#heat'); h.value = ''; h.dispatchEvent(new Event('change'))"
    )
    assert mlp_page.all("#scale") == []


def test_the_book_picture_has_a_page_too(page):
    page.open(mg.draw(nets.price(), engine="minigrad"))
    assert page.all("#heat") == []
    page.node("tax").click()
    assert len(page.all(".node.kept")) >= 4
    strokes = "return [...document.querySelectorAll('.node.kept .line')].map(e => getComputedStyle(e))"
    assert page.run(f"{strokes}.map(s => s.stroke + s.opacity)") == ["rgb(166, 60, 6)1"] * 2
    page.hover(page.node("tax"))
    assert page.one("#card").text.split("\n") == [
        "tax",
        "scalar · float64 · 8 B",
        "value gradient",
        "1.1 650",
    ]


def test_wheel_and_drag_move_the_view(mlp_page):
    svg = mlp_page.one("#view svg")
    before = mlp_page.view()
    mlp_page.run(
        "const where = {bubbles: true, cancelable: true, clientX: 300, clientY: 300};"
        "arguments[0].dispatchEvent(new WheelEvent('wheel', {deltaY: 100, ...where}))",
        svg,
    )
    zoomed = mlp_page.view()
    assert zoomed != before
    mlp_page.run(
        "const event = (type, x) => new PointerEvent(type, {bubbles: true, clientX: x, clientY: 300});"
        "const at = (type, x) => arguments[0].dispatchEvent(event(type, x));"
        "at('pointerdown', 300); at('pointermove', 360); at('pointerup', 360)",
        svg,
    )
    assert mlp_page.view() != zoomed
