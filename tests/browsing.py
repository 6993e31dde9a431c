"""A page in a real browser, from a file: path: opened afresh, and what the browser says of it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

SWITCHES = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--window-size=1500,950")  # fmt: skip
_CONTRASTS = """
const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
const light = (c) => { const f = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c[3] === 1) return c;
  }
  return [255, 255, 255, 1];
};
const found = {};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest("script, style, noscript")) continue;
  const style = getComputedStyle(e), svg = e instanceof SVGElement;
  const [a, b] = [light(parse(svg ? style.fill : style.color)), light(behind(e))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05), key = `${e.tagName}.${e.className.baseVal ?? e.className}`;
  found[key] = Math.min(found[key] ?? 99, ratio);
}
return found;
"""


@contextmanager
def chromium(profile: Path) -> Iterator[WebDriver]:
    """A browser without a window, with a profile of its own."""
    options = webdriver.ChromeOptions()
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    assert all(programs.values()), f"these tests need chromium and chromedriver: {programs}"
    options.binary_location = programs["chromium"]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    driver = webdriver.Chrome(options=options, service=Service(programs["chromedriver"]))
    try:
        yield driver
    finally:
        driver.quit()


def opened(browser: WebDriver, path: Path) -> WebDriver:
    """The page, loaded anew; what was logged before is forgotten."""
    browser.get("about:blank")
    browser.get_log("performance"), browser.get_log("browser")
    browser.get(path.resolve().as_uri())
    return browser


def asked_for(browser: WebDriver) -> set[str]:
    """The addresses that were asked for since the page was opened; what it carries in itself is left out."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    return {url for url in urls if not url.startswith("data:")}


def contrasts(browser: WebDriver) -> dict[str, float]:
    """The least contrast between visible text and what is behind it, by tag and class."""
    return browser.execute_script(_CONTRASTS)


def dropped(browser: WebDriver, onto: WebElement, *paths: Path) -> None:
    """Files and folders of this PC, dragged from its file manager onto something and dropped there."""
    browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", onto)
    at = browser.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.x + r.width / 2, r.y + 9]", onto
    )
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        where = {"type": kind, "x": at[0], "y": at[1], "data": data}
        browser.execute_cdp_cmd("Input.dispatchDragEvent", where)


@contextmanager
def width_of(browser: WebDriver, width: int) -> Iterator[None]:
    """The page on a screen of that many pixels across."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@contextmanager
def on_paper(browser: WebDriver) -> Iterator[None]:
    """The page as it is printed."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then((found) => done(found.violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.impact} ${rule.id}: ${node.target.join(" ")}`))), (error) => done([String(error)]));
"""
_WALKED = """
window.walked = new Set();
document.addEventListener("focusin", (event) => window.walked.add(event.target));
"""
_NOT_REACHED = """
const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
return all.filter((node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true })
  && !window.walked.has(node)).map((node) => node.outerHTML.slice(0, 120));
"""


def hindrances(browser: WebDriver) -> list[str]:
    """What axe-core finds that seriously hinders somebody: how much, the rule, and where."""
    source = (resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    browser.execute_script(source)
    found = browser.execute_async_script(_AXE)
    return [one for one in found if one.split()[0] not in ("minor", "moderate")]


def shortcomings(browser: WebDriver) -> list[str]:
    """What is wrong with a page on a desk's, a tablet's and a telephone's screen: too wide, too pale, or in the way."""
    found = []
    for width in 1280, 768, 360:
        with width_of(browser, width):
            wide = browser.execute_script("return document.documentElement.scrollWidth")
            found += [f"{width}: {wide} wide"] if wide > width else []
            found += [f"{width}: {what} {ratio:.1f}" for what, ratio in contrasts(browser).items() if ratio < 4.5]
            found += [f"{width}: {one}" for one in hindrances(browser)]
    return found


def out_of_reach(browser: WebDriver, steps: int) -> list[str]:
    """What can be pressed or typed into, and that so many steps with the tabulator do not come to."""
    browser.execute_script(_WALKED)
    ActionChains(browser).send_keys(Keys.TAB * steps).perform()
    return browser.execute_script(_NOT_REACHED)
