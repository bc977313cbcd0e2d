"""The explorer's numbers are the library's, and hands, keys and addresses move it."""

import base64
import json
import re
from importlib.resources import files

import numpy as np
import pytest

import qxai
from qxai import examples, widgets
from tests.browser.conftest import Visit

RNG = np.random.default_rng(0)
WAVES = qxai.TrigPolynomial(RNG.normal(size=(5, 7)), [[1, 2.5], [1, 2, 3]])
TUMOURS = examples.tumours()
MODELS = {"two features": WAVES, "eight features": TUMOURS.model.polynomial()}
POINTS = 100  # of each model
ASK = """([source, record, X, B]) => import(source).then((M) => {
  const model = M.readModel(record);
  return X.map((x, n) => {
    const now = M.situation(model, x, B[n]);
    const found = M.explanations(model, now);
    const plain = (number) => (Number.isFinite(number) ? number : null);
    return {
      output: now.output, start: now.start, floor: now.floor,
      values: Object.fromEntries(found.map((one) => [one.key, one.values])),
      residual: Object.fromEntries(found.map((one) => [one.key, plain(one.residual)])),
      dial: [0, 0.3, 1].map((t) => M.expected(model, now.before, now.after, t)),
      flips: x.map((_, i) => M.crossings(model, x, i, 0.1, 0, Math.PI).map(plain)),
    };
  });
})"""


def drawn(model):
    rng = np.random.default_rng(1)
    return rng.uniform(0, np.pi, (2, POINTS, model.num_features))


@pytest.fixture(scope="module", params=MODELS)
def asked(request, browser):
    """A model, inputs, baselines, and what the browser's module says of them."""
    model = MODELS[request.param]
    X, B = drawn(model)
    text = (files("qxai.widgets") / "model.js").read_bytes()
    source = f"data:text/javascript;base64,{base64.b64encode(text).decode()}"
    page = browser.new_page()
    found = page.evaluate(ASK, [source, json.loads(model.to_json()), X.tolist(), B.tolist()])
    page.close()
    return model, X, B, found


def column(found, *path):
    rows = []
    for row in found:
        for key in path:
            row = row[key]
        rows.append(row)
    return np.array(rows, dtype=float)


def test_every_method_gives_the_librarys_numbers(asked):
    model, X, B, found = asked
    same = {
        "shapley": qxai.shapley(model, X, B),
        "integrated": qxai.integrated_gradients(model, X, B),
        "taylor": qxai.taylor(model, X, B),
        "banzhaf": qxai.banzhaf(model, X, B),
        "occlusion": qxai.occlusion(model, X, B),
        "gradientXInput": qxai.gradient_x_input(model, X, B),
        "gradient": qxai.gradient(model, X),
        "smooth": qxai.smooth_grad(model, X, sigma=0.5),
        "lime": qxai.lime(model, X),
    }
    assert set(found[0]["values"]) == {*same, "qlrp"}
    np.testing.assert_allclose(column(found, "output"), model.values(X), atol=1e-9)
    for key, one in same.items():
        np.testing.assert_allclose(column(found, "values", key), one.values, atol=1e-9)
        np.testing.assert_allclose(column(found, "residual", key), one.residual, atol=1e-9)


def test_the_starred_method_is_qlrp_where_each_feature_turns_its_own_qubit(asked):
    model, X, _, found = asked
    if model is MODELS["eight features"]:
        exact = qxai.qlrp(TUMOURS.model, X)
        np.testing.assert_allclose(column(found, "values", "qlrp"), exact.values, atol=1e-9)
    sums = column(found, "values", "qlrp").sum(axis=1)
    np.testing.assert_allclose(sums, column(found, "output") - column(found, "floor"), atol=1e-9)
    np.testing.assert_allclose(column(found, "floor"), model.coefficients.flat[0], atol=1e-12)


def test_the_dial_is_the_mean_over_random_sets_of_present_features(asked):
    """F(t) against all sets of present features, each weighed by its probability."""
    model, X, B, found = asked
    d = model.num_features
    present = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    for place, t in enumerate((0, 0.3, 1)):
        weight = np.prod(np.where(present, t, 1 - t), axis=1)
        for n in range(5):
            game = model.values(np.where(present, X[n], B[n]))
            assert found[n]["dial"][place] == pytest.approx(weight @ game, abs=1e-9)


def test_flips_are_the_nearest_counterfactuals(asked):
    model, X, _, found = asked
    exact = qxai.counterfactual(model, X, threshold=0.1, ranges=[(0, np.pi)] * X.shape[1])
    steps = column(found, "flips") - X[:, :, None]
    nearest = np.nanmin(np.where(np.isnan(steps), np.inf, np.abs(steps)), axis=2)
    expected = np.where(np.isnan(exact.changes), np.inf, np.abs(exact.changes))
    assert np.isfinite(expected).any()
    np.testing.assert_allclose(nearest, expected, atol=1e-9)


def page_of(browser, tmp_path, explorer, **options):
    path = tmp_path / "page.html"
    text = '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>'
    text += '<meta name="viewport" content="width=device-width">'
    path.write_text(text + explorer.to_html())
    visit = Visit(browser, "file://", **options)
    visit.page.goto(path.as_uri())
    visit.page.wait_for_selector("qxai-explorer")
    assert visit.errors == []
    return visit


def state(page):
    return page.evaluate("document.querySelector('qxai-explorer').state")


def moved(page, act):
    """Do something, and wait until the explorer has drawn and kept it."""
    act()
    page.wait_for_timeout(350)
    return state(page)


def test_a_landscape_is_moved_by_hand_and_by_keys_and_its_address_brings_it_back(browser, tmp_path):
    explorer = widgets.explore(WAVES, [[0.7, 2.0]], ["a", "b"], baseline=[2.0, 0.5])
    visit = page_of(browser, tmp_path, explorer, viewport={"width": 900, "height": 900})
    page = visit.page
    svg = page.locator(".map svg").bounding_box()
    input_, baseline = (page.get_by_role("slider", name=name) for name in ("input", "baseline"))

    def drag():
        box = input_.locator("circle").last.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(svg["x"] + 0.25 * svg["width"], svg["y"] + 0.75 * svg["height"])
        page.mouse.up()

    dragged = moved(page, drag)
    np.testing.assert_allclose(dragged["x"], [np.pi / 4, np.pi / 4], atol=0.03)

    def press():
        baseline.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowUp")

    pressed = moved(page, press)
    np.testing.assert_allclose(pressed["b"], [2.05, 0.51])
    exact = qxai.shapley(WAVES, [pressed["x"]], [pressed["b"]]).values[0]
    first = page.locator(".method").first.locator(".line .number").all_inner_texts()
    assert [text.replace("−", "-") for text in first] == [f"{value:+.3f}" for value in exact]
    page.reload()
    np.testing.assert_allclose(state(page)["x"], pressed["x"], atol=1e-4)
    np.testing.assert_allclose(state(page)["b"], pressed["b"], atol=1e-4)
    assert visit.errors == []
    own = page.evaluate("document.querySelector('qxai-explorer').payload.id")
    for garbage in ("nothing?x=1;%%%%%", f"{own}?x=_", f"{own}?x=1_", f"{own}?x=a_b&t=x&model=7"):
        page.goto(re.sub("#.*", "", page.url) + f"#explore:{garbage}")
        page.reload()
        assert state(page)["x"] == [0.7, 2.0]
    visit.context.close()


def test_eight_features_are_moved_by_sliders_and_touch_and_the_offset_by_its_own(browser, tmp_path):
    """A tumour in its own units, as each of two models with its own scaler sees it."""
    both = {"shortcut": examples.tumours("shortcut"), "plain": TUMOURS}
    deviation = TUMOURS.data.X[:, 6].std()
    start = both["shortcut"].scaler.angles(TUMOURS.data.X[TUMOURS.test[:5]])
    explorer = widgets.explore(
        {name: one.model for name, one in both.items()},
        start,
        TUMOURS.feature_names,
        baseline=np.pi / 2,
        classes=("benign", "malignant"),
        scaler={name: one.scaler for name, one in both.items()},
        offset=widgets.Offset("symmetry", slope=deviation, low=0, high=6, unit="deviations"),
        ranges=(0, np.pi),
    )
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    visit = page_of(browser, tmp_path, explorer, **phone)
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    radius = page.get_by_role("slider", name="radius")
    before = state(page)["x"]
    np.testing.assert_allclose(before, start[0], atol=1e-12)
    after = moved(page, lambda: radius.press("ArrowRight"))["x"]
    assert after[0] == pytest.approx(before[0] + np.pi / 100)
    assert after[1:] == before[1:]
    said = radius.get_attribute("aria-valuetext")
    raw = both["shortcut"].scaler.raw([after])[0, 0]
    assert float(said.split(",")[0]) == pytest.approx(raw, abs=0.01)
    box = page.get_by_role("slider", name="texture").bounding_box()
    place = (box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    touched = moved(page, lambda: page.touchscreen.tap(*place))
    assert touched["x"][1] == pytest.approx(np.pi / 2, abs=0.05)
    page.get_by_label("input", exact=True).select_option(label="3")
    offset = page.get_by_role("slider", name="offset")
    offset.press("Home")
    # Five keys within one frame.
    key = "one => { for (let k = 0; k < 5; k += 1) one.dispatchEvent(new KeyboardEvent('keydown', "
    chosen = moved(page, lambda: offset.evaluate(key + "{ key: 'PageUp', cancelable: true })) }"))
    measured = TUMOURS.data.X[TUMOURS.test[2:3]].copy()
    measured[0, 6] += 3 * deviation
    for name in both:
        page.get_by_label("model", exact=True).select_option(label=name)
        chosen = moved(page, lambda: None)
        expected = both[name].scaler.angles(measured)
        np.testing.assert_allclose(chosen["x"], expected[0], atol=1e-9)
        output = both[name].model.values(expected)[0]
        told = page.locator(".told").inner_text()
        assert f"output {output:+.3f}".replace("-", "−") in told
        assert ("malignant" if output >= 0 else "benign") in told
    visit.context.close()


def test_twins_on_a_page_keep_their_own_places(browser, tmp_path):
    twice = widgets.explore(WAVES, [[0.7, 2.0]], baseline=1.0)
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html>{twice.to_html()}{twice.to_html()}")
    page = browser.new_page()
    page.goto(path.as_uri())
    inputs = page.get_by_role("slider", name="input")
    for number, key in enumerate(("ArrowRight", "ArrowLeft")):
        inputs.nth(number).press(key)
        page.wait_for_timeout(350)
    page.reload()
    found = page.evaluate(
        "[...document.querySelectorAll('qxai-explorer')].map(one => one.state.x[0])"
    )
    np.testing.assert_allclose(found, [0.75, 0.65])
    page.close()


def test_who_wants_no_motion_sees_none(browser, tmp_path):
    explorer = widgets.explore(WAVES, [[0.7, 2.0]])
    for motion, still in (("reduce", True), ("no-preference", False)):
        visit = page_of(browser, tmp_path, explorer, reduced_motion=motion)
        visit.page.locator("summary").click()
        visit.page.get_by_role("button", name="play").click()
        visit.page.wait_for_timeout(400)
        assert (state(visit.page)["t"] == 1) == still
        visit.context.close()
